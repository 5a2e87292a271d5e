"""imageModels.py FOLDER: networks that read images before recurrent layers, exported by both exporters of torch.onnx.

FOLDER gets NAME.EXPORTER.LENGTHS.onnx; free lengths are those of the batch and, from the older exporter, of the images' width. Printed:
[{ file, inputs, outputs, targets, loss, gradients: { name: array } }], what ONNX Runtime puts out of the file, and the mean squared error to the
targets with its gradients by PyTorch, of the parameters that the file has under the module's names. Arrays are packed, batch first.
"""

import json
import os
import sys
import warnings

import numpy as np
import onnx
import onnxruntime
import torch
from packed import packed
from torch import nn

BATCH = 3


class Ocr(nn.Module):
    """Shi et al. 2015: columns of the last map are the steps."""

    def __init__(self):
        super().__init__()
        self.maps = nn.Sequential(
            nn.Conv2d(1, 6, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
            nn.Conv2d(6, 8, 3, padding=1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.MaxPool2d((2, 2), (2, 1), (0, 1)),
            nn.Conv2d(8, 10, 2),
            nn.ReLU(),
        )
        self.rnn, self.out = nn.LSTM(10, 7, bidirectional=True), nn.Linear(14, 5)

    def forward(self, x):
        steps = self.maps(x).squeeze(2).permute(2, 0, 1)
        return torch.log_softmax(self.out(self.rnn(steps)[0]), 2)


class Speech(nn.Module):
    """Amodei et al. 2016: frequencies and channels of a spectrogram are the features of each step."""

    def __init__(self):
        super().__init__()
        self.maps = nn.Sequential(
            nn.Conv2d(1, 4, (5, 3), stride=(2, 1), padding=(2, 1)),
            nn.Hardtanh(0, 20),
            nn.BatchNorm2d(4),
            nn.Conv2d(4, 6, (3, 3), stride=(2, 2), padding=(1, 1), bias=False),
            nn.Hardtanh(0, 20),
        )
        self.rnn, self.out = nn.GRU(18, 7, batch_first=True), nn.Linear(7, 4)

    def forward(self, x):
        y = self.maps(x)
        y = y.view(y.size(0), y.size(1) * y.size(2), y.size(3)).transpose(1, 2)
        return self.out(self.rnn(y)[0])


class Dilated(nn.Module):
    """Groups, dilations, means and instance normalisation; the features come row by row."""

    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(4, 8, 3, dilation=(1, 2), padding=(1, 2), groups=2)
        # A bias before the normalisation would have no gradient but rounding.
        self.two = nn.Conv2d(8, 8, 3, groups=8, padding=1, bias=False)
        self.norm, self.pool = nn.InstanceNorm2d(8, affine=True), nn.AvgPool2d((2, 3), (2, 2), (1, 1))
        self.rest = nn.AvgPool2d(2, count_include_pad=False)
        self.rnn, self.out = nn.LSTM(16, 6, batch_first=True), nn.Linear(6, 3)

    def forward(self, x):
        y = self.rest(self.pool(torch.tanh(self.norm(self.two(self.one(x))))))
        y = y.permute(0, 3, 2, 1)
        return self.out(self.rnn(y.reshape(y.size(0), y.size(1), -1))[0][:, -1])


class Video(nn.Module):
    """Every frame by itself."""

    def __init__(self):
        super().__init__()
        self.conv, self.pool, self.mix = nn.Conv2d(3, 5, 3, stride=2), nn.MaxPool2d(2), nn.Conv2d(5, 5, 1)
        self.rnn, self.out = nn.GRU(20, 6, batch_first=True), nn.Linear(6, 2)

    def forward(self, x):
        frames = x.view(-1, 3, x.size(3), x.size(4))
        y = torch.tanh(self.mix(self.pool(torch.relu(self.conv(frames))))).flatten(1)
        return self.out(self.rnn(y.view(x.size(0), x.size(1), -1))[1][0])


class Columns(nn.Module):
    """The mean of each column."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 6, 3, padding=1)
        self.rnn, self.out = nn.LSTM(6, 5, batch_first=True), nn.Linear(5, 3)

    def forward(self, x):
        return self.out(self.rnn(torch.relu(self.conv(x)).mean(2).permute(0, 2, 1))[0])


# Class, shape of the input behind the batch, the batch's axis in the output, whether an image may have any width.
MODULES = [
    (Ocr, (1, 8, 20), 1, True),
    (Speech, (1, 12, 15), 0, True),
    (Dilated, (4, 6, 14), 0, True),
    (Video, (4, 3, 11, 11), 0, False),
    (Columns, (1, 8, 9), 0, True),
]


def export(module, x, exporter, free, wide, path):
    if exporter == "torchscript":
        axes = {"x": {0: "batch"} | ({3: "width"} if wide else {})} if free else None
        torch.onnx.export(module, (x,), path, input_names=["x"], dynamic_axes=axes, dynamo=False, opset_version=17)
        return
    shapes = ({0: torch.export.Dim("batch")},) if free else None
    torch.onnx.export(module, (x,), path, input_names=["x"], dynamic_shapes=shapes, dynamo=True, external_data=False, verbose=False)


def answer(module, x, axis, path):
    feed = x.numpy()
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    [y] = session.run(None, {session.get_inputs()[0].name: feed})
    targets = torch.randn(*y.shape)
    module.zero_grad()
    loss = nn.functional.mse_loss(module(x), targets)
    loss.backward()
    known = {one.name: onnx.numpy_helper.to_array(one) for one in onnx.load(path).graph.initializer}
    gradients = {
        name: packed(own.grad.numpy())
        for name, own in module.named_parameters()
        if name in known and np.array_equal(known[name], own.detach().numpy())
    }
    return {
        "file": os.path.basename(path),
        "inputs": {session.get_inputs()[0].name: packed(feed)},
        "outputs": [packed(np.moveaxis(y, axis, 0))],
        "targets": packed(np.moveaxis(targets.numpy(), axis, 0)),
        "loss": float(loss),
        "gradients": gradients,
    }


def main():
    warnings.filterwarnings("ignore")
    torch.manual_seed(1)
    folder = sys.argv[1]
    sys.stdout = sys.stderr
    answers = []
    for build, shape, axis, wide in MODULES:
        module = build().eval()
        for norm in module.modules():
            if isinstance(norm, nn.BatchNorm2d):
                norm.running_mean.uniform_(-0.5, 0.5)
                norm.running_var.uniform_(0.5, 1.5)
            if isinstance(norm, (nn.BatchNorm2d, nn.InstanceNorm2d)):
                nn.init.uniform_(norm.weight, 0.5, 1.5)
                nn.init.uniform_(norm.bias, -0.5, 0.5)
        x = torch.randn(BATCH, *shape)
        for exporter, free in (("torchscript", True), ("torchscript", False), ("dynamo", True)):
            path = os.path.join(folder, f"{build.__name__}.{exporter}.{'free' if free else 'fixed'}.onnx")
            export(module, x, exporter, free, wide, path)
            answers.append(answer(module, x, axis, path))
    sys.stdout = sys.__stdout__
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
