"""Writes ONNX models of every kind into a folder, with the libraries that people export with: `python makeOnnx.py FOLDER`."""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, quantize_dynamic, quantize_static
from torch import nn

warnings.filterwarnings("ignore")
GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


class Tagger(nn.Module):
    """Embedding, recurrent layers, Linear."""

    def __init__(self, cell, layers, bidirectional, batch_first, hidden=6):
        super().__init__()
        self.embedding = nn.Embedding(11, 5)
        self.rnn = getattr(nn, cell)(5, hidden, layers, batch_first=batch_first, bidirectional=bidirectional)
        self.head = nn.Linear(hidden * (2 if bidirectional else 1), 3)

    def forward(self, tokens):
        outputs, _ = self.rnn(self.embedding(tokens))
        return self.head(outputs)


def exported(folder):
    """Both exporters of PyTorch; the new one leaves large weights unfolded behind Slice and Concat, and outside the file."""
    tokens = torch.randint(0, 11, (2, 4))
    for cell in GATES:
        for bidirectional in (False, True):
            model = Tagger(cell, 2 if bidirectional else 1, bidirectional, True).eval()
            name = f"{cell.lower()}_{'both' if bidirectional else 'one'}"
            torch.onnx.export(model, (tokens,), folder / f"torch_{name}.onnx", dynamo=False)
            yield f"torch_{name}"
            # The new exporter writes RNN out step by step.
            if cell != "RNN":
                export(model, tokens, folder / f"dynamo_{name}.onnx", external_data=False)
                yield f"dynamo_{name}"
    # Up to IR version 3 every initializer is an input, too, and exporters can still write it so.
    both = Tagger("LSTM", 2, True, True).eval()
    torch.onnx.export(both, (tokens,), folder / "torch_inputs.onnx", dynamo=False, opset_version=9, keep_initializers_as_inputs=True)
    yield "torch_inputs"
    large = Tagger("LSTM", 1, True, False, hidden=160).eval()
    (folder / "dynamo_large").mkdir()
    export(large, tokens, folder / "dynamo_large" / "model.onnx", external_data=True)
    yield "dynamo_large/model"
    export(Tagger("GRU", 1, False, True).eval(), tokens, folder / "dynamo_unoptimized.onnx", optimize=False, external_data=False)
    yield "dynamo_unoptimized"
    torch.onnx.export(large, (tokens,), folder / "torch_unfolded.onnx", dynamo=False, do_constant_folding=False)
    yield "torch_unfolded"


def export(model, tokens, path, **options):
    torch.onnx.export(model, (tokens,), path, dynamo=True, verbose=False, **options)


def weights(cell, directions, inputs=4, hidden=5, seed=1):
    random = np.random.default_rng(seed)
    rows = GATES[cell] * hidden
    shapes = {"W": (directions, rows, inputs), "R": (directions, rows, hidden), "B": (directions, 2 * rows)}
    return {name: random.uniform(-1, 1, shape).astype(np.float32) for name, shape in shapes.items()}


def recurrent(cell, held, dtype=TensorProto.FLOAT, direction="forward", inputs=4, hidden=5, **attributes):
    """A model of one node; `held` are its initializers, or nodes that make them."""
    nodes = [one for one in held if isinstance(one, onnx.NodeProto)]
    node = helper.make_node(
        cell, ["X", "W", "R", "B"], ["Y"], name="rnn", hidden_size=hidden, direction=direction, **attributes
    )
    directions = 2 if direction == "bidirectional" else 1
    graph = helper.make_graph(
        [*nodes, node],
        "graph",
        [helper.make_tensor_value_info("X", dtype, ["time", "batch", inputs])],
        [helper.make_tensor_value_info("Y", dtype, ["time", directions, "batch", hidden])],
        [one for one in held if isinstance(one, TensorProto)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def tensors(held):
    return [numpy_helper.from_array(values, name) for name, values in held.items()]


def written(folder):
    """Models by onnx.helper: every cell and direction, and every way to keep values."""
    for cell in GATES:
        for direction in ("forward", "reverse", "bidirectional"):
            held = weights(cell, 2 if direction == "bidirectional" else 1)
            yield f"plain_{cell}_{direction}", recurrent(cell, tensors(held), direction=direction)
    held = weights("LSTM", 1)
    lists = [helper.make_tensor(name, TensorProto.FLOAT, values.shape, values.flatten()) for name, values in held.items()]
    yield "float_data", recurrent("LSTM", lists)
    half = {name: values.astype(np.float16) for name, values in held.items()}
    yield "float16_raw", recurrent("LSTM", tensors(half), TensorProto.FLOAT16)
    lists = [helper.make_tensor(name, TensorProto.FLOAT16, values.shape, values.flatten()) for name, values in half.items()]
    yield "float16_int32_data", recurrent("LSTM", lists, TensorProto.FLOAT16)
    # Kept in one type, and used in float32.
    casts = [helper.make_node("Cast", [f"{name}_kept"], [name], to=TensorProto.FLOAT) for name in held]
    for kept, dtype in (("bfloat16", TensorProto.BFLOAT16), ("float64", TensorProto.DOUBLE)):
        lists = [helper.make_tensor(f"{name}_kept", dtype, values.shape, values.flatten()) for name, values in held.items()]
        yield f"{kept}_cast", recurrent("LSTM", [*lists, *casts])
    constants = [helper.make_node("Constant", [], [name], value=numpy_helper.from_array(values)) for name, values in held.items()]
    yield "constants", recurrent("LSTM", constants)
    yield "in_a_branch", branch(held)
    yield "in_a_loop", loop(held, one_step)
    yield "in_a_branch_in_a_loop", loop(held, even_step)
    yield "in_a_function", function(held)
    yield "quantized", quantized(held)
    yield "quantized_forward_channels", by_channel(1)
    yield "quantized_bidirectional_channels", by_channel(2)


def branch(held):
    """The layer in the then branch of an If, with weights of the graph around it."""
    node = helper.make_node("LSTM", ["X", "W", "R", "B"], ["Y_then"], name="rnn", hidden_size=5)
    shape = ["time", 1, "batch", 5]
    info = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("Y_then", "Y_else", "Y")]
    zeros = helper.make_node("Mul", ["Y_other", "zero"], ["Y_else"])
    other = helper.make_node("LSTM", ["X", "W", "R"], ["Y_other"], name="other", hidden_size=5)
    then_branch = helper.make_graph([node], "then", [], [info[0]])
    else_branch = helper.make_graph([other, zeros], "else", [], [info[1]], [numpy_helper.from_array(np.float32(0), "zero")])
    choice = helper.make_node("If", ["condition"], ["Y"], then_branch=then_branch, else_branch=else_branch)
    graph = helper.make_graph(
        [choice],
        "graph",
        [
            helper.make_tensor_value_info("condition", TensorProto.BOOL, []),
            helper.make_tensor_value_info("X", TensorProto.FLOAT, ["time", "batch", 4]),
        ],
        [info[2]],
        tensors(held),
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def floats(*names):
    return [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names]


def one_step(held):
    """A step of an LSTM, its recurrent kernel in the body of the Loop and the rest in the graph around it."""
    step = helper.make_node("LSTM", ["x", "W", "R", "B", "", "h", "c"], ["", "h_next", "c_next"], name="rnn", hidden_size=5)
    return [step], tensors({"R": held["R"]})


def even_step(held):
    """The same at every other step, in the then branch of an If in the body."""
    step = helper.make_node("LSTM", ["x", "W", "R", "B", "", "h", "c"], ["", "h_then", "c_then"], name="rnn", hidden_size=5)
    then_branch = helper.make_graph([step], "then", [], floats("h_then", "c_then"))
    held_states = [helper.make_node("Identity", [state], [f"{state}_else"]) for state in "hc"]
    else_branch = helper.make_graph(held_states, "else", [], floats("h_else", "c_else"))
    nodes = [
        helper.make_node("Mod", ["step", "two"], ["odd"]),
        helper.make_node("Equal", ["odd", "nought"], ["even"]),
        helper.make_node("If", ["even"], ["h_next", "c_next"], then_branch=then_branch, else_branch=else_branch),
    ]
    return nodes, tensors({"R": held["R"], "two": np.int64(2), "nought": np.int64(0)})


def loop(held, make):
    """A layer that a Loop applies step by step."""
    nodes, own = make(held)
    body = helper.make_graph(
        [
            helper.make_node("Gather", ["X", "step"], ["x_step"]),
            helper.make_node("Unsqueeze", ["x_step", "first"], ["x"]),
            *nodes,
            helper.make_node("Identity", ["going"], ["goes_on"]),
            helper.make_node("Identity", ["h_next"], ["y_step"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("step", TensorProto.INT64, []),
            helper.make_tensor_value_info("going", TensorProto.BOOL, []),
            *floats("h", "c"),
        ],
        [helper.make_tensor_value_info("goes_on", TensorProto.BOOL, []), *floats("h_next", "c_next", "y_step")],
        own,
    )
    graph = helper.make_graph(
        [
            helper.make_node("Shape", ["X"], ["steps"], start=0, end=1),
            helper.make_node("Loop", ["steps", "", "h_0", "c_0"], ["h_last", "c_last", "Y"], name="steps_of_X", body=body),
        ],
        "graph",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["time", 2, 4])],
        [helper.make_tensor_value_info("Y", TensorProto.FLOAT, ["time", 1, 2, 5])],
        tensors({**{name: held[name] for name in "WB"}, "first": np.int64([0]), **{f"{s}_0": np.zeros((1, 2, 5), np.float32) for s in "hc"}}),
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def function(held):
    """The layer in a function of the model's own."""
    body = helper.make_function(
        "mine",
        "Encoder",
        ["x", "w", "r", "b"],
        ["y"],
        [helper.make_node("LSTM", ["x", "w", "r", "b"], ["y"], name="inner", hidden_size=5)],
        [helper.make_opsetid("", 17)],
    )
    model = recurrent("LSTM", tensors(held))
    model.graph.node[0].CopyFrom(helper.make_node("Encoder", ["X", "W", "R", "B"], ["Y"], domain="mine", name="call"))
    model.functions.append(body)
    model.opset_import.append(helper.make_opsetid("mine", 1))
    return model


def quantized(held):
    """Kernels of int8 behind DequantizeLinear."""
    made = [numpy_helper.from_array(held["B"], "B")]
    for name in ("W", "R"):
        scale = np.float32(np.abs(held[name]).max() / 127)
        made += tensors({f"{name}_int8": np.round(held[name] / scale).astype(np.int8), f"{name}_scale": scale})
        made.append(helper.make_node("DequantizeLinear", [f"{name}_int8", f"{name}_scale"], [name]))
    return recurrent("LSTM", made)


class Samples(CalibrationDataReader):
    def __init__(self, name, batches):
        self.left = [{name: batch} for batch in batches]

    def get_next(self):
        return self.left.pop() if self.left else None


def by_runtime(folder):
    """Quantised by ONNX Runtime: the LSTM itself, or what stands behind it alone."""
    for direction, per_channel in (("forward", False), ("bidirectional", False), ("reverse", True), ("bidirectional", True)):
        held = weights("LSTM", 2 if direction == "bidirectional" else 1)
        name = f"runtime_{direction}_{'channels' if per_channel else 'tensors'}"
        quantize_dynamic(recurrent("LSTM", tensors(held), direction=direction), folder / f"{name}.onnx", per_channel=per_channel)
        yield name
    tagger = folder / "torch_lstm_one.onnx"
    quantize_dynamic(tagger, folder / "runtime_head.onnx", op_types_to_quantize=["MatMul"])
    yield "runtime_head"
    reader = Samples(onnx.load(tagger).graph.input[0].name, [torch.randint(0, 11, (2, 4)).numpy() for _ in range(3)])
    quantize_static(tagger, folder / "runtime_static.onnx", reader)
    yield "runtime_static"


def by_channel(directions):
    """Kernels of int8 with a scale for each row, the same in both directions."""
    held = weights("LSTM", directions)
    made = [numpy_helper.from_array(held["B"], "B")]
    for name in ("W", "R"):
        scale = np.abs(held[name]).max((0, 2)) / np.float32(127)
        stored = np.round(held[name] / scale[:, None]).astype(np.int8)
        made += tensors({f"{name}_int8": stored, f"{name}_scale": scale})
        made.append(helper.make_node("DequantizeLinear", [f"{name}_int8", f"{name}_scale"], [name], axis=1))
    return recurrent("LSTM", made, direction="bidirectional" if directions == 2 else "forward")


def main(folder):
    names = []
    for name in exported(folder):
        names.append(name)
    for name, model in written(folder):
        onnx.save(model, folder / f"{name}.onnx")
        names.append(name)
    names += by_runtime(folder)
    for size_threshold in (0, 1024):
        name = f"external_{size_threshold}"
        (folder / name).mkdir()
        held = weights("LSTM", 2, hidden=24)
        model = recurrent("LSTM", tensors(held), direction="bidirectional", hidden=24)
        onnx.save(
            model,
            folder / name / "model.onnx",
            save_as_external_data=True,
            location="weights.bin",
            size_threshold=size_threshold,
        )
        names.append(f"{name}/model")
    (folder / "names.json").write_text(json.dumps(names))


torch.manual_seed(1)
main(Path(sys.argv[1]))
