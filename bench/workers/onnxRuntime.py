"""ONNX Runtime as a contender, forward only: `python onnxRuntime.py THREADS`."""

import sys

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from worker import mean_square, serve

THREADS = int(sys.argv[1])


def by_gate(array, hidden):
    """[in, 4H] in Keras' order i, f, c, o to [1, 4H, in] in ONNX' order i, o, f, c."""
    i, f, c, o = (array[..., gate * hidden : (gate + 1) * hidden] for gate in range(4))
    return np.ascontiguousarray(np.concatenate([i, o, f, c], -1).T)[None]


def network(configuration, tensors):
    """[Gather,] LSTM nodes, time first, MatMul and Add: logits of the last step or of every one."""
    c = configuration
    nodes, weights = [], []

    def constant(name, array):
        weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    if "vocabulary" in c:
        shape, kind = [c["steps"], c["batch"]], TensorProto.INT64
        nodes.append(helper.make_node("Gather", [constant("embedding", tensors["embedding"]), "x"], ["rows"]))
        value = "rows"
    else:
        shape, kind, value = [c["steps"], c["batch"], c["inputs"]], TensorProto.FLOAT, "x"
    for layer in range(c["layers"]):
        every = c["sequences"] or layer < c["layers"] - 1
        bias = by_gate(tensors[f"bias{layer}"][None], c["hidden"])[..., 0]
        inputs = [
            value,
            constant(f"W{layer}", by_gate(tensors[f"kernel{layer}"], c["hidden"])),
            constant(f"R{layer}", by_gate(tensors[f"recurrent{layer}"], c["hidden"])),
            constant(f"B{layer}", np.concatenate([bias, np.zeros_like(bias)], 1)),
        ]
        outputs = [f"y{layer}"] if every else ["", f"y{layer}"]
        nodes.append(helper.make_node("LSTM", inputs, outputs, hidden_size=c["hidden"]))
        # [T, 1, B, H] or [1, B, H]: the axis of the directions goes.
        axis = constant(f"axis{layer}", np.array([1 if every else 0], np.int64))
        nodes.append(helper.make_node("Squeeze", [f"y{layer}", axis], [f"h{layer}"]))
        value = f"h{layer}"
    nodes.append(helper.make_node("MatMul", [value, constant("dense", tensors["dense"])], ["product"]))
    nodes.append(helper.make_node("Add", ["product", constant("denseBias", tensors["denseBias"])], ["logits"]))
    graph = helper.make_graph(
        nodes,
        "bench",
        [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, None)],
        weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def prepare(configuration, run, tensors):
    if run != "forward":
        raise ValueError("ONNX Runtime does not train here")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    model = network(configuration, tensors).SerializeToString()
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    x = np.ascontiguousarray(np.swapaxes(tensors["x"], 0, 1))
    feed = {"x": x.astype(np.int64) if "vocabulary" in configuration else x}
    step = lambda: session.run(None, feed)[0]  # noqa: E731
    return "all optimizations", mean_square(step()), step


serve({"onnxruntime": onnxruntime.__version__}, prepare)
