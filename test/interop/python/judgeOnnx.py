"""Judges ONNX models: `python judgeOnnx.py JOBS.json`, a list of { original, pruned } or { masked, shrunk }; problems of each as JSON."""

import json
import sys

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, numpy_helper

# ONNX Runtime's own LSTM has W and R the other way about, as integers with zero points.
QUANTIZED = "DynamicQuantizeLSTM"
ORDER = {"LSTM": "iofc", "GRU": "zrh", "RNN": "h", QUANTIZED: "iofc"}
CANONICAL = {"LSTM": "ifco", "GRU": "zrh", "RNN": "h", QUANTIZED: "ifco"}
NUMPY = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64, "tensor(int64)": np.int64, "tensor(bool)": np.bool_}


def pattern(cell, direction, hidden, columns, matrix):
    """Which weights stay, in the order of the rows in the file: the rule of onnxFiles.test.ts, by the gate's canonical index."""
    rows = []
    r, c = np.mgrid[0:hidden, 0:columns]
    for gate in ORDER[cell]:
        g = CANONICAL[cell].index(gate)
        rows.append((r * 7 + c * 3 + g * 5 + direction * 2 + matrix) % 4 != 0)
    return np.concatenate(rows)


def recurrent_nodes(graph):
    return [node for node in graph.node if node.op_type in ORDER and node.domain == ("com.microsoft" if node.op_type == QUANTIZED else "")]


def weights_of(path):
    """What every recurrent node of the main graph gets as W and R when ONNX Runtime computes them."""
    model = onnx.load(path)
    nodes = recurrent_nodes(model.graph)
    names = [name for node in nodes for name in node.input[1:3]]
    if not names:
        return []
    del model.graph.output[:]
    del model.graph.value_info[:]
    for name in dict.fromkeys(names):
        identity = onnx.helper.make_node("Identity", [name], [f"{name}_seen"])
        model.graph.node.append(identity)
        model.graph.output.append(onnx.ValueInfoProto(name=f"{name}_seen"))
    keep_ancestors(model.graph)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    seen = dict(zip([one.name for one in session.get_outputs()], session.run(None, {}), strict=True))
    held = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    return [(node, *(as_floats(node, matrix, seen[f"{node.input[matrix]}_seen"], held) for matrix in (1, 2))) for node in nodes]


def as_floats(node, matrix, values, held):
    """W or R as ONNX' own operators have it."""
    if node.op_type != QUANTIZED:
        return values
    scale, zero = (held[name].reshape(len(values), 1, -1) for name in node.input[6 + 2 * matrix : 8 + 2 * matrix])
    return ((values.astype(np.float32) - zero) * scale).swapaxes(1, 2)


def keep_ancestors(graph):
    """Nodes that the outputs need; those that compute nothing but weights need no inputs."""
    needed = {one.name for one in graph.output}
    kept = []
    for node in reversed(graph.node):
        if needed & set(node.output):
            kept.append(node)
            needed |= set(node.input)
    del graph.node[:]
    graph.node.extend(reversed(kept))
    del graph.input[:]


def weights_in_bodies(graph, around=None):
    """Those of recurrent nodes in the bodies of If and Loop, whose weights are initializers of the body or of a graph around it."""
    known = {**(around or {}), **{tensor.name: tensor for tensor in graph.initializer}}
    for node in graph.node:
        if around is not None and node in recurrent_nodes(graph):
            yield node, *(numpy_helper.to_array(known[name]) for name in node.input[1:3])
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from weights_in_bodies(attribute.g, known)


def all_weights_of(path):
    return [*weights_of(path), *weights_in_bodies(onnx.load(path).graph)]


def other_changes(original, pruned):
    """Tensors that are no recurrent weights and changed, of models whose recurrent nodes stand in bodies."""
    before, after = (onnx.load(path).graph for path in (original, pruned))
    weights = {name for node, *_ in weights_in_bodies(before) for name in node.input[1:3]}
    if not weights:
        return []
    pairs = zip(all_tensors(before), all_tensors(after), strict=True)
    return [f"{a.name} changed" for a, b in pairs if a.name not in weights and a.SerializeToString() != b.SerializeToString()]


def differing_weights(original, pruned):
    problems = []
    for (node, *before), (_, *after) in zip(all_weights_of(original), all_weights_of(pruned), strict=True):
        for matrix, (old, new) in enumerate(zip(before, after, strict=True)):
            for direction in range(old.shape[0]):
                hidden = old.shape[1] // len(ORDER[node.op_type])
                reverse = any(a.name == "direction" and a.s == b"reverse" for a in node.attribute)
                backward = 1 if reverse else direction
                keep = pattern(node.op_type, backward, hidden, old.shape[2], matrix)
                if not np.array_equal(new[direction], np.where(keep, old[direction], 0)):
                    problems.append(f"{node.name} {'WR'[matrix]}[{direction}]: other weights than those of the masks")
    return problems


def all_tensors(graph):
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            if attribute.HasField("g"):
                yield from all_tensors(attribute.g)


def structure(path):
    """The model without the values of its tensors."""
    model = onnx.load(path, load_external_data=False)
    for tensor in all_tensors(model.graph):
        for field in ("raw_data", "float_data", "int32_data", "double_data"):
            tensor.ClearField(field)
    return model.SerializeToString(deterministic=True)


def zeros_in(path):
    model = onnx.load(path)
    return sum(int((numpy_helper.to_array(t).astype(np.float64) == 0).sum()) for t in all_tensors(model.graph) if t.data_type not in (TensorProto.INT64,))


def inputs_of(session):
    random = np.random.default_rng(3)
    feeds = {}
    for one in session.get_inputs():
        shape = [n if isinstance(n, int) else 3 for n in one.shape]
        dtype = NUMPY[one.type]
        # Whole numbers along the batch alone are lengths of sequences, the shortest of which have 3 steps.
        values = random.integers(*((1, 4) if len(shape) == 1 else (0, 11)), shape) if dtype == np.int64 else random.uniform(-1, 1, shape)
        feeds[one.name] = np.asarray(values > 0 if dtype == np.bool_ else values, dtype)
    return feeds


def judge(original, pruned):
    problems = []
    onnx.checker.check_model(pruned, full_check=True)
    if structure(original) != structure(pruned):
        problems.append("something else than values changed")
    problems += differing_weights(original, pruned) + other_changes(original, pruned)
    if zeros_in(pruned) <= zeros_in(original):
        problems.append("nothing was pruned")
    session = ort.InferenceSession(pruned, providers=["CPUExecutionProvider"])
    outputs = session.run(None, inputs_of(session))
    if not all(np.isfinite(one).all() for one in outputs):
        problems.append("outputs are not finite")
    return problems


def judge_shrunk(masked, shrunk):
    """The shrunk model computes what the masked one does, and says of its values what ONNX finds."""
    onnx.checker.check_model(shrunk, full_check=True)
    onnx.shape_inference.infer_shapes(onnx.load(shrunk), check_type=True, strict_mode=True, data_prop=True)
    sessions = [ort.InferenceSession(path, providers=["CPUExecutionProvider"]) for path in (masked, shrunk)]
    feeds = inputs_of(sessions[0])
    outputs = [session.run(None, feeds) for session in sessions]
    worst = max(float(np.abs(a - b).max()) for a, b in zip(*outputs, strict=True))
    largest = max(float(np.abs(a).max()) for a in outputs[0])
    problems = [] if worst <= 1e-5 else [f"outputs differ by {worst}"]
    return problems if largest > 0.01 else [*problems, f"no output is larger than {largest}"]


def judged(job):
    try:
        if "shrunk" in job:
            return judge_shrunk(job["masked"], job["shrunk"])
        return judge(job["original"], job["pruned"])
    except Exception as error:  # noqa: BLE001
        return [f"{type(error).__name__}: {error}"[:400]]


ort.set_default_logger_severity(3)
print(json.dumps([judged(job) for job in json.load(open(sys.argv[1]))]))
