"""Recurrent nodes of ONNX with layout 1, which ONNX Runtime refuses, as nodes with layout 0 between Transposes."""

from onnx import ModelProto, helper

# [B,T,I] and [B,dirs,H] as [T,B,I] and [dirs,B,H], and back; Y [T,dirs,B,H] as [B,T,dirs,H].
SWAPPED, SEQUENCE = [1, 0, 2], [2, 0, 1, 3]
X_AND_STATES = (0, 5, 6)


def layout_of(node):
    return next((one for one in node.attribute if one.name == "layout" and one.i == 1), None)


def has_layout(model):
    return any(layout_of(node) for node in model.graph.node)


def time_first(model):
    """The same model; nodes of its main graph alone are looked at."""
    written = ModelProto()
    written.CopyFrom(model)
    del written.graph.node[:]
    for node in model.graph.node:
        written.graph.node.extend(around(node) if layout_of(node) else [node])
    return written


def around(node):
    node.attribute.remove(layout_of(node))
    before, after = [], []
    for i in X_AND_STATES:
        if i < len(node.input) and node.input[i]:
            turned = f"{node.input[i]} turned for {node.name}"
            before.append(helper.make_node("Transpose", [node.input[i]], [turned], perm=SWAPPED))
            node.input[i] = turned
    for i, name in enumerate(node.output):
        if name:
            node.output[i] = f"{name} time first"
            after.append(helper.make_node("Transpose", [node.output[i]], [name], perm=SWAPPED if i else SEQUENCE))
    return [*before, node, *after]
