"""onnxHalves.py FOLDER: models of float16 as PyTorch exports them, and data. Prints [{name, loss}], by what ONNX Runtime puts out on a processor.
onnxHalves.py --evaluate FOLDER: prints { NAME: loss } of what was pruned of them.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import nn

SAMPLES, STEPS, FEATURES, UNITS, CLASSES = 200, 9, 6, 24, 4


class Last(nn.Module):
    def __init__(self, cell, probabilities=False, **options):
        super().__init__()
        self.rnn = cell(FEATURES, UNITS, batch_first=True, **options)
        self.out = nn.Linear(UNITS * (2 if options.get("bidirectional") else 1), CLASSES)
        self.probabilities = probabilities

    def forward(self, x):
        y = self.out(self.rnn(x)[0][:, -1])
        return y.softmax(-1) if self.probabilities else y


class Pooled(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.norm = nn.GRU(FEATURES, UNITS, batch_first=True), nn.LayerNorm(UNITS)
        self.out = nn.Sequential(nn.Linear(2 * UNITS, UNITS), nn.ReLU(), nn.Linear(UNITS, CLASSES))

    def forward(self, x):
        y = self.norm(self.rnn(x)[0])
        return self.out(torch.cat([y.mean(1), y[:, -1]], 1))


class Normed(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.dense = nn.LSTM(FEATURES, UNITS, batch_first=True), nn.Linear(UNITS, UNITS)
        self.norm = nn.LayerNorm(UNITS)
        with torch.no_grad():
            self.norm.weight.uniform_(0.3, 1.5)

    def forward(self, x):
        return self.norm(self.dense(self.rnn(x)[0][:, -1]))[:, :CLASSES]


class EachStep(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.out = nn.LSTM(FEATURES, UNITS, 2), nn.Linear(UNITS, CLASSES)

    def forward(self, x):
        return self.out(self.rnn(x.transpose(0, 1))[0]).transpose(0, 1)


MODELS = {
    "lstm": lambda: Last(nn.LSTM),
    "gru": lambda: Last(nn.GRU),
    "rnn": lambda: Last(nn.RNN),
    "both": lambda: Last(nn.LSTM, bidirectional=True),
    "classes": lambda: Last(nn.LSTM, probabilities=True),
    "pooled": Pooled,
    "normed": Normed,
    "steps": EachStep,
}


def loss(folder, name, file):
    data = np.load(folder / f"{name}.npz")
    session = onnxruntime.InferenceSession(folder / file, providers=["CPUExecutionProvider"])
    outputs = session.run(None, {"x": data["x_test"].astype(np.float16)})[0].astype(np.float64)
    if name == "classes":
        # Rounded probabilities do not add up to 1; Keras' loss divides by their sum.
        outputs /= outputs.sum(-1, keepdims=True)
        return float(-np.mean(np.log(np.clip(outputs[np.arange(SAMPLES), data["y_test"]], 1e-7, 1))))
    return float(np.mean((outputs - data["y_test"]) ** 2))


def main():
    warnings.filterwarnings("ignore")
    folder = Path(sys.argv[-1])
    if sys.argv[1] == "--evaluate":
        print(json.dumps({name: loss(folder, name, f"{name}.pruned.onnx") for name in MODELS}))
        return
    sys.stdout = sys.stderr
    torch.manual_seed(3)
    made = []
    for name, build in MODELS.items():
        module = build().eval().half()
        x = torch.randn(SAMPLES, STEPS, FEATURES)
        free = {"x": {0: "batch"}, "y": {0: "batch"}}
        torch.onnx.export(
            module, (x.half(),), folder / f"{name}.onnx", input_names=["x"], output_names=["y"], dynamic_axes=free, dynamo=False, opset_version=17
        )
        shape = (SAMPLES, STEPS, CLASSES) if name == "steps" else (SAMPLES, CLASSES)
        y = torch.randint(CLASSES, (SAMPLES,)).int() if name == "classes" else torch.randn(shape)
        np.savez(folder / f"{name}.npz", x_test=x.numpy(), y_test=y.numpy())
        made.append({"name": name, "loss": loss(folder, name, f"{name}.onnx")})
    sys.stdout = sys.__stdout__
    print(json.dumps(made))


if __name__ == "__main__":
    main()
