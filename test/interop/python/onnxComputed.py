"""onnxComputed.py FOLDER: models whose recurrent weights the file computes of other constants: as the older exporter of PyTorch writes
weight_norm, and chains of single operators. Writes data, and prints [{name, loss}], by what ONNX Runtime puts out.
onnxComputed.py --evaluate FOLDER: prints { NAME: { loss, operators } } of what was pruned of them.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

SAMPLES, STEPS, FEATURES, UNITS = 50, 6, 5, 8
ROWS = 3 * UNITS  # of a GRU
rng = np.random.default_rng(5)


class Normed(nn.Module):
    def __init__(self, normed, cell=nn.LSTM, **options):
        super().__init__()
        self.rnn = cell(FEATURES, UNITS, batch_first=True, **options)
        for name in [name for name, _ in self.rnn.named_parameters() if name.startswith("weight")]:
            normed(self.rnn, name)

    def forward(self, x):
        return self.rnn(x)[0][:, -1, :UNITS]


MODULES = {
    "weight_norm": lambda: Normed(nn.utils.weight_norm),
    "parametrized": lambda: Normed(nn.utils.parametrizations.weight_norm, nn.GRU),
    "by_columns": lambda: Normed(lambda rnn, name: nn.utils.parametrizations.weight_norm(rnn, name, dim=1)),
    "both_layers": lambda: Normed(nn.utils.weight_norm, num_layers=2, bidirectional=True),
}


def floats(*shape):
    return rng.uniform(-0.8, 0.8, shape).astype(np.float32)


def node(operator, inputs, **attributes):
    return helper.make_node(operator, inputs, ["W"], **attributes)


def integers(*values):
    return np.array(values, np.int64)


V = {"v": floats(1, ROWS, FEATURES)}
POSITIVE = {"v": np.abs(floats(1, ROWS, FEATURES)) + 0.1}
G = {"g": floats(ROWS, 1) + 1.5}

# Nodes that put out W [1, 3·H, I], and the constants that they read.
CHAINS = {
    **{op: ([node(op, ["v", "g"])], V | G) for op in ["Add", "Sub", "Mul", "Div", "Max", "Min"]},
    "Pow": ([node("Pow", ["v", "g"])], POSITIVE | G),
    **{op: ([node(op, ["v"])], V) for op in ["Neg", "Abs", "Exp", "Sign", "Floor", "Ceil", "Round"]},
    **{op: ([node(op, ["v"])], POSITIVE) for op in ["Sqrt", "Log", "Reciprocal"]},
    "Where": ([node("Where", ["kept", "v", "zero"])], V | {"kept": floats(ROWS, FEATURES) > 0, "zero": np.zeros((), np.float32)}),
    "Expand": ([node("Expand", ["row", "shape"])], {"row": floats(ROWS, 1), "shape": integers(1, ROWS, FEATURES)}),
    **{
        op: ([node(op, ["cube"], axes=[-1], keepdims=0)], {"cube": floats(1, ROWS, FEATURES, 3)})
        for op in ["ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare"]
    },
    "ReduceSum": ([node("ReduceSum", ["cube", "axis"])], {"cube": floats(3, ROWS, FEATURES), "axis": integers(0)}),
    "all_at_once": (
        [helper.make_node("ReduceL2", ["v"], ["norm"]), helper.make_node("Div", ["v", "norm"], ["one"]), node("Mul", ["one", "g"])],
        V | G,
    ),
    "moved_between": (
        [
            helper.make_node("Transpose", ["t"], ["turned"], perm=[0, 2, 1]),
            helper.make_node("Concat", ["turned", "more"], ["joined"], axis=2),
            helper.make_node("Mul", ["joined", "g"], ["scaled"]),
            helper.make_node("Split", ["scaled"], ["first", "second"], axis=0),
            node("Add", ["first", "second"]),
        ],
        G | {"t": floats(2, 3, ROWS), "more": floats(2, ROWS, FEATURES - 3)},
    ),
    "of_halves": (
        [helper.make_node("Cast", ["h"], ["w"], to=TensorProto.FLOAT), node("Mul", ["w", "g"])],
        G | {"h": floats(1, ROWS, FEATURES).astype(np.float16)},
    ),
}


def chained(nodes, constants):
    """A GRU over steps first, whose last state is the output."""
    held = constants | {"R": floats(1, ROWS, UNITS), "axes": integers(0)}
    rest = [
        helper.make_node("Transpose", ["x"], ["steps"], perm=[1, 0, 2]),
        helper.make_node("GRU", ["steps", "W", "R"], ["", "last"], hidden_size=UNITS),
        helper.make_node("Squeeze", ["last", "axes"], ["y"]),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [*nodes, *rest],
        "chain",
        [value("x", TensorProto.FLOAT, ["batch", STEPS, FEATURES])],
        [value("y", TensorProto.FLOAT, ["batch", UNITS])],
        [numpy_helper.from_array(array, name) for name, array in held.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model


def loss(folder, file):
    data = np.load(folder / "data.npz")
    session = onnxruntime.InferenceSession(folder / file, providers=["CPUExecutionProvider"])
    outputs = session.run(None, {"x": data["x_test"]})[0].astype(np.float64)
    return float(np.mean((outputs - data["y_test"]) ** 2))


def judged(folder, name):
    file = f"{name}.pruned.onnx"
    model = onnx.load(folder / file)
    onnx.checker.check_model(model, full_check=True)
    return {"loss": loss(folder, file), "operators": [one.op_type for one in model.graph.node]}


def main():
    warnings.filterwarnings("ignore")
    folder = Path(sys.argv[-1])
    names = [*MODULES, *CHAINS]
    if sys.argv[1] == "--evaluate":
        print(json.dumps({name: judged(folder, name) for name in names}))
        return
    sys.stdout = sys.stderr
    torch.manual_seed(4)
    x, y = torch.randn(SAMPLES, STEPS, FEATURES), torch.randn(SAMPLES, UNITS)
    np.savez(folder / "data.npz", x_test=x.numpy(), y_test=y.numpy())
    for name, build in MODULES.items():
        free = {"x": {0: "batch"}, "y": {0: "batch"}}
        options = {"input_names": ["x"], "output_names": ["y"], "dynamic_axes": free, "dynamo": False, "opset_version": 17}
        torch.onnx.export(build().eval(), (x,), folder / f"{name}.onnx", **options)
    for name, chain in CHAINS.items():
        onnx.save(chained(*chain), folder / f"{name}.onnx")
    made = [{"name": name, "loss": loss(folder, f"{name}.onnx")} for name in names]
    sys.stdout = sys.__stdout__
    print(json.dumps(made))


if __name__ == "__main__":
    main()
