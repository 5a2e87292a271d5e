"""Stacks exported by torch.onnx, each with the number of a recurrent layer that can go.

`make FOLDER` writes NAME.onnx and prints [{ file, leaving, inputs, outputs }], the outputs being those of the module without the layer. `judge FILES`
prints for each file what ONNX's checker says of it and its outputs by ONNX Runtime on the inputs beside it (NAME.npz).
"""

import json
import os
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from packed import packed
from torch import nn

BATCH, STEPS, WIDTH = 3, 7, 8


class Stack(nn.Module):
    """Layers on each other, of which one may be left out."""

    def __init__(self, *layers, residual=False, first=True):
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.head = nn.Linear(WIDTH, 3)
        self.residual, self.first = residual, first

    def forward(self, x, without=None):
        for i, layer in enumerate(self.layers):
            if i == without:
                continue
            y = layer(x)[0] if isinstance(layer, nn.RNNBase) else layer(x)
            x = x + y if self.residual and isinstance(layer, nn.RNNBase) else y
        return self.head(x[:, -1] if self.first else x[-1])


def lstm(width=WIDTH, hidden=WIDTH, **options):
    return nn.LSTM(width, hidden, batch_first=True, **options)


def gru(width=WIDTH, hidden=WIDTH, **options):
    return nn.GRU(width, hidden, batch_first=True, **options)


# name: module, recurrent layers up to the one that goes, place of that among the layers
CASES = {
    "middle": (lambda: Stack(lstm(5), lstm(), lstm()), 1, 1),
    "kinds": (lambda: Stack(lstm(5), gru(), lstm()), 1, 1),
    "first": (lambda: Stack(gru(), lstm()), 0, 0),
    "stepsFirst": (lambda: Stack(nn.LSTM(5, WIDTH), nn.GRU(WIDTH, WIDTH), nn.LSTM(WIDTH, WIDTH), first=False), 1, 1),
    "both": (lambda: Stack(lstm(5), lstm(WIDTH, 4, bidirectional=True), gru()), 1, 1),
    "residual": (lambda: Stack(nn.Linear(5, WIDTH), lstm(), gru(), residual=True), 1, 2),
    "sum": (lambda: Stack(nn.Linear(5, WIDTH), lstm(), gru(), residual=True), 0, 1),
    "normalised": (lambda: Stack(nn.Linear(5, WIDTH), nn.LayerNorm(WIDTH), lstm(), nn.Tanh(), gru()), 0, 2),
}

# The newer exporter takes its time.
NEWLY = ("middle", "both", "residual")


def export(module, x, path, dynamo):
    batch = {0 if module.first else 1: "batch"}
    options = {"dynamo": dynamo, "input_names": ["x"], "output_names": ["y"]}
    if dynamo:
        torch.onnx.export(module, (x,), path, verbose=False, dynamic_shapes={"x": {axis: torch.export.Dim(name) for axis, name in batch.items()}}, **options)
    else:
        torch.onnx.export(module, (x,), path, dynamic_axes={"x": batch, "y": {0: "batch"}}, **options)


def make(folder):
    made = []
    for seed, (name, (build, layer, place)) in enumerate(CASES.items()):
        for dynamo in (False, True) if name in NEWLY else (False,):
            torch.manual_seed(seed)
            module = build().eval()
            width = module.layers[0].weight_ih_l0.shape[1] if isinstance(module.layers[0], nn.RNNBase) else 5
            x = torch.randn(BATCH, STEPS, width) if module.first else torch.randn(STEPS, BATCH, width)
            file = f"{name}.{'dynamo' if dynamo else 'torchscript'}.onnx"
            export(module, x, str(folder / file), dynamo)
            np.savez(folder / f"{file}.npz", x=x.numpy())
            with torch.no_grad():
                outputs = module(x, place)
            made.append({"file": file, "leaving": layer, "output": packed(outputs.numpy())})
    return made


def judge(file, source):
    model = onnx.load(file)
    onnx.checker.check_model(model, full_check=True)
    data = np.load(source + ".npz")
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    output = session.run(None, {session.get_inputs()[0].name: data["x"]})[0]
    return {"output": packed(output), "recurrent": sum(node.op_type in ("LSTM", "GRU") for node in model.graph.node), "initializers": len(model.graph.initializer)}


if __name__ == "__main__":
    if sys.argv[1] == "make":
        stdout, sys.stdout = sys.stdout, open(os.devnull, "w")
        made = make(Path(sys.argv[2]))
        sys.stdout = stdout
        print(json.dumps(made))
    else:
        print(json.dumps([judge(*pair) for pair in json.loads(Path(sys.argv[2]).read_text())]))
