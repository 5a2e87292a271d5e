"""A stack of recurrent layers with PyTorch's weights as an ONNX model by onnx.helper, what torch.onnx.export does not write included."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

# PyTorch's gates (ifgo, rzn) in ONNX' order (iofc, zrh).
ORDER = {"LSTM": [0, 3, 1, 2], "GRU": [1, 0, 2], "RNN": [0]}
# Axes of the batch in X, the states that are given, Y and the states that are put out, by layout.
BATCH = {0: {"X": 1, "Y": 2, "state": 1}, 1: {"X": 0, "Y": 0, "state": 0}}


def weights_of(module, case, layer):
    """W, R and B of one layer."""
    ways = ["", "_reverse"][: case.directions]
    count = len(ORDER[case.cell])

    def values(name, way):
        blocks = np.split(getattr(module, f"{name}_l{layer}{way}").detach().numpy(), count)
        return np.concatenate([blocks[gate] for gate in ORDER[case.cell]])

    biases = [np.concatenate([values("bias_ih", way), values("bias_hh", way)]) for way in ways]
    kernels = {name: np.stack([values(of, way) for way in ways]) for name, of in (("W", "weight_ih"), ("R", "weight_hh"))}
    return {**kernels, "B": np.stack(biases)}


def attributes_of(case, hidden):
    stated = [function for functions in case.used for function in functions]
    alphas, betas = ([one[i] for one in stated if len(one) > i] for i in (1, 2))
    return {
        "hidden_size": hidden,
        "direction": case.direction,
        "layout": case.layout,
        "activations": [name for name, *_ in stated],
        **({"activation_alpha": alphas} if alphas else {}),
        **({"activation_beta": betas} if betas else {}),
        **({"clip": case.clip} if case.clip is not None else {}),
        **({"input_forget": 1} if case.input_forget else {}),
        **({"linear_before_reset": int(case.linear_before_reset)} if case.cell == "GRU" else {}),
    }


def side_by_side(case, sequence, joined):
    """Y as the next layer's X."""
    if case.directions == 1:
        return [helper.make_node("Squeeze", [sequence, f"axis_{1 + case.layout}"], [joined])]
    turned = sequence if case.layout else f"{sequence}_turned"
    transpose = helper.make_node("Transpose", [sequence], [turned], perm=[0, 2, 1, 3])
    return [*([] if case.layout else [transpose]), helper.make_node("Reshape", [turned, "side_by_side"], [joined])]


def stack(case, module, fed, peepholes):
    """
    The outputs: Y of the last layer, and Y_h and Y_c of all.
    fed: inputs of the model, X among them, by their names in the operators, batch first
    peepholes: P [dirs, 3·H] of each layer, or None
    """
    hidden = module.hidden_size
    held = {"axis_1": np.int64([1]), "axis_2": np.int64([2]), "side_by_side": np.int64([0, 0, -1])}
    if case.constant:
        held["sequence_lens"] = np.int32(case.of_samples)
    states = ["Y_h", "Y_c"] if case.cell == "LSTM" else ["Y_h"]
    nodes, sequence = [], "X"
    for layer in range(case.layers):
        own = weights_of(module, case, layer) | ({} if peepholes is None else {"P": peepholes[layer]})
        held |= {f"{name}{layer}": values for name, values in own.items()}
        optional = [name if name in held or name in fed else "" for name in ("sequence_lens", "initial_h", "initial_c")]
        inputs = [sequence, *(f"{name}{layer}" for name in "WRB"), *optional, f"P{layer}" if "P" in own else ""]
        while inputs[-1] == "":
            inputs.pop()
        suffix = "" if case.layers == 1 else f"{layer}"
        outputs = [f"{name}{suffix}" for name in ("Y", *states)]
        nodes.append(helper.make_node(case.cell, inputs, outputs, name=f"layer{layer}", **attributes_of(case, hidden)))
        if layer + 1 < case.layers:
            sequence = f"X{layer + 1}"
            nodes += side_by_side(case, outputs[0], sequence)
    if case.layers > 1:
        nodes[-1].output[0] = "Y"
        for name in states:
            parts = [f"{name}{layer}" for layer in range(case.layers)]
            nodes.append(helper.make_node("Concat", parts, [name], axis=1 - BATCH[case.layout]["state"]))
    read = {name for node in nodes for name in node.input}
    graph = helper.make_graph(
        nodes,
        "stack",
        [value(name, array, case.layout) for name, array in fed.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * (4 if name == "Y" else 3)) for name in ("Y", *states)],
        [numpy_helper.from_array(values, name) for name, values in held.items() if name in read],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)


def value(name, array, layout):
    """Of any number of samples and steps; the array batch first."""
    axes = ["batch", *array.shape[1:]]
    if name == "X":
        axes[1] = "steps"
    if layout == 0:
        axes[:2] = axes[1::-1]
    return helper.make_tensor_value_info(name, TensorProto.INT32 if name == "sequence_lens" else TensorProto.FLOAT, axes)
