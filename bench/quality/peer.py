"""What people write to prune in PyTorch: the same trained weights, pruned with torch.nn.utils.prune and trained further.

Reads one JSON document a line from standard input and answers each with one: { loss }.
"""

import json
import math
import sys
import zipfile
from io import BytesIO

import h5py
import numpy as np
import torch
from torch import nn
from torch.nn.utils import prune


class Lstm(nn.Module):
    """An LSTM whose weights are looked up anew at every call, since torch.nn.LSTM keeps stale copies of pruned ones (pytorch#33618)."""

    def __init__(self, kernel, recurrent, bias, hard, whole):
        super().__init__()
        self.kernel = nn.Parameter(torch.tensor(kernel.T.copy()))
        self.recurrent = nn.Parameter(torch.tensor(recurrent.T.copy()))
        self.bias = nn.Parameter(torch.tensor(bias))
        self.hard = hard
        self.whole = whole

    def forward(self, x):
        state = x.new_zeros(1, len(x), self.recurrent.shape[1])
        if self.hard:
            outputs = self.steps(x, state[0])
        else:
            weights = [self.kernel, self.recurrent, self.bias, torch.zeros_like(self.bias)]
            outputs, _, _ = torch._VF.lstm(x, (state, state), weights, True, 1, 0.0, self.training, False, True)
        return outputs if self.whole else outputs[:, -1]

    def steps(self, x, h):
        """Step by step: PyTorch has no LSTM with a hard sigmoid."""
        c = h
        gate = lambda value: torch.clamp(0.2 * value + 0.5, 0, 1)
        recurrent = self.recurrent.T
        outputs = []
        for step in nn.functional.linear(x, self.kernel, self.bias).unbind(1):
            i, f, g, o = (step + h @ recurrent).chunk(4, 1)
            c = gate(f) * c + gate(i) * torch.tanh(g)
            h = gate(o) * torch.tanh(c)
            outputs.append(h)
        return torch.stack(outputs, 1)


def dense(kernel, bias):
    layer = nn.Linear(*kernel.shape)
    layer.weight = nn.Parameter(torch.tensor(kernel.T.copy()))
    layer.bias = nn.Parameter(torch.tensor(bias))
    return layer


def arrays_of(file):
    """Arrays of a .keras or .h5 file, layer by layer."""
    if file.endswith(".keras"):
        with zipfile.ZipFile(file) as archive:
            weights = h5py.File(BytesIO(archive.read("model.weights.h5")))
        layer = lambda path: [weights[f"layers/{path}/vars/{i}"][()] for i in range(len(weights[f"layers/{path}/vars"]))]
        names = list(weights["layers"])
        return {name: layer(f"{name}/cell" if name.startswith("lstm") else name) for name in names if name.startswith(("lstm", "dense", "embedding"))}
    weights = h5py.File(file)["model_weights"]
    return {
        name: [weights[f"{name}/{name}/{role}:0"][()] for role in roles]
        for name, roles in {
            "lstm_1": ["kernel", "recurrent_kernel", "bias"],
            "lstm_2": ["kernel", "recurrent_kernel", "bias"],
            "dense_1": ["kernel", "bias"],
        }.items()
    }


def build(task, file):
    """The model, its LSTM layers and its loss."""
    arrays = arrays_of(file)
    if task in ("mnist", "shakespeare"):
        lstm = Lstm(*arrays["lstm"], hard=False, whole=task == "shakespeare")
        front = [nn.Embedding.from_pretrained(torch.tensor(arrays["embedding"][0]), freeze=False)] if task == "shakespeare" else []
        loss = lambda out, y: nn.functional.cross_entropy(out.flatten(0, -2), y.flatten().long())
        return nn.Sequential(*front, lstm, dense(*arrays["dense"])), [lstm], loss
    layers = [Lstm(*arrays[f"lstm_{n}"], hard=True, whole=n == 1) for n in (1, 2)]
    model = nn.Sequential(layers[0], nn.Dropout(0.2), layers[1], nn.Dropout(0.2), dense(*arrays["dense_1"]))
    loss = nn.functional.binary_cross_entropy_with_logits if task == "failure" else nn.functional.mse_loss
    return model, layers, lambda out, y: loss(out, y)


def prune_to(layers, sparsity):
    """The smallest weights of each layer, both matrices together; pruning again counts the share of what is left."""
    for layer in layers:
        done = 0.0
        if hasattr(layer, "kernel_mask"):
            masks = [layer.kernel_mask, layer.recurrent_mask]
            done = 1 - sum(float(mask.sum()) for mask in masks) / sum(mask.numel() for mask in masks)
        share = (sparsity - done) / (1 - done)
        if share > 0:
            prune.global_unstructured([(layer, "kernel"), (layer, "recurrent")], prune.L1Unstructured, amount=share)


def polynomial(step, end, target):
    """Zhu and Gupta 2017, from 0 at the first step."""
    return target * (1 - (1 - min(1.0, step / end)) ** 3)


def run(job):
    torch.manual_seed(job["seed"])
    torch.set_num_threads(job["threads"])
    data = {name: torch.tensor(array) for name, array in np.load(job["data"]).items()}
    model, layers, loss = build(job["task"], job["model"])
    optimizer = torch.optim.Adam(model.parameters(), lr=job["learningRate"], eps=1e-7)
    count = len(data["x_train"])
    steps = max(1, job["epochs"] * math.ceil(count / job["batch"]))
    if job["schedule"] == "oneshot":
        prune_to(layers, job["sparsity"])
        # torch.nn.utils.prune replaces the parameters by `…_orig`.
        optimizer = torch.optim.Adam(model.parameters(), lr=job["learningRate"], eps=1e-7)
    elif job["sparsity"] > 0:
        prune_to(layers, 1e-9)
        optimizer = torch.optim.Adam(model.parameters(), lr=job["learningRate"], eps=1e-7)
    rate = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: (1 + math.cos(math.pi * step / steps)) / 2)
    model.train()
    step, end = 0, steps // 2
    for _ in range(job["epochs"]):
        for batch in torch.randperm(count).split(job["batch"]):
            if job["schedule"] == "polynomial" and step <= end and (step % job["frequency"] == 0 or step == end):
                prune_to(layers, polynomial(step, end, job["sparsity"]))
            optimizer.zero_grad()
            loss(model(data["x_train"][batch]), data["y_train"][batch]).backward()
            optimizer.step()
            rate.step()
            step += 1
    model.eval()
    with torch.no_grad():
        result = loss(model(data["x_test"]), data["y_test"]).item()
    zeros = sum(int((w == 0).sum()) for layer in layers for w in (layer.kernel, layer.recurrent))
    size = sum(w.numel() for layer in layers for w in (layer.kernel, layer.recurrent))
    return {"loss": result, "sparsity": zeros / size, "torch": torch.__version__}


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
