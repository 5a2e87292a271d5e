"""PyTorch modules of many stacks, their data, and the loss that PyTorch computes. `make` writes a safetensors file and an .npz for each, and a
description where the file does not say enough; `judge` loads other files into modules of their sizes."""

import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file, save_model
from torch import nn

SAMPLES, STEPS = 24, 6


class Chain(nn.Module):
    """Named modules, and how they are applied."""

    def __init__(self, run, **modules):
        super().__init__()
        for name, module in modules.items():
            setattr(self, name, module)
        self.run = run

    def forward(self, x):
        return self.run(self, x)


class Stepwise(nn.Module):
    """A cell that is applied step by step."""

    def __init__(self, cell, head):
        super().__init__()
        self.cell, self.head = cell, head

    def forward(self, x):
        state = None
        for step in x.unbind(1):
            state = self.cell(step, state) if state is not None else self.cell(step)
        return self.head(state[0] if isinstance(state, tuple) else state)


def lstm(*sizes, **options):
    return nn.LSTM(*sizes, batch_first=True, **options)


def gru(*sizes, **options):
    return nn.GRU(*sizes, batch_first=True, **options)


def rnn(*sizes, **options):
    return nn.RNN(*sizes, batch_first=True, **options)


def last(m, x):
    return m.fc(m.rnn(x)[0][:, -1])


def embedded(m, x):
    return m.fc(m.rnn(m.emb(x))[0][:, -1])


def tied():
    m = Chain(lambda m, x: m.decoder(m.rnn(m.emb(x))[0]), emb=nn.Embedding(11, 8), rnn=lstm(8, 8), decoder=nn.Linear(8, 11))
    m.decoder.weight = m.emb.weight
    return m


def normalised():
    m = Chain(
        lambda m, x: m.fc(m.bn(m.rnn(m.ln(x))[0][:, -1])),
        ln=nn.LayerNorm(5), rnn=lstm(5, 7), bn=nn.BatchNorm1d(7), fc=nn.Linear(7, 3),
    )
    nn.init.normal_(m.bn.running_mean), nn.init.uniform_(m.bn.running_var, 0.5, 2)
    for norm in (m.bn, m.ln):
        nn.init.normal_(norm.weight, 1, 0.2), nn.init.normal_(norm.bias)
    return m


def described(*layers):
    return {"layers": list(layers)}


def packed(read):
    """Reads what a recurrent module puts out of sequences without their padding: of features 9, of tokens 0."""
    def run(m, x):
        real = x != 0 if x.dim() == 2 else (x != 9).any(-1)
        sequences = m.emb(x) if x.dim() == 2 else x
        rows = nn.utils.rnn.pack_padded_sequence(sequences, real.sum(1), batch_first=True, enforce_sorted=False)
        steps, states = m.rnn(rows)
        steps, _ = nn.utils.rnn.pad_packed_sequence(steps, batch_first=True)
        return m.fc(read(steps, states, real[:, : steps.shape[1], None]))

    return run


def padded(x, padding):
    """Sequences of several lengths, one of which is the longest."""
    for i, row in enumerate(x):
        if x.ndim == 2:
            row[row == padding] = 1
        row[1 + i % len(row):] = padding
    return x


def final(steps, states, real):
    return torch.cat(tuple((states[0] if isinstance(states, tuple) else states)[-2:]), 1)


RELU = lambda m, x: m.fc2(torch.relu(m.fc1(m.rnn(x)[0][:, -1])))
HIDDEN = lambda m, x: m.fc(torch.cat(tuple(m.rnn(x)[1][0][-2:]), 1))
# name: module, input ('ids' or features), output ('classes', 'steps' or 'numbers'), description
CASES = {
    "embedding": (lambda: Chain(embedded, emb=nn.Embedding(11, 5), rnn=lstm(5, 7), fc=nn.Linear(7, 3)), "ids", "classes", None),
    "stackedGru": (lambda: Chain(RELU, rnn=gru(5, 6, 2, bidirectional=True), fc1=nn.Linear(12, 8), fc2=nn.Linear(8, 3)), 5, "classes", None),
    "projection": (lambda: Chain(last, rnn=lstm(5, 9, 2, proj_size=4), fc=nn.Linear(4, 3)), 5, "classes", None),
    "wideProjection": (lambda: Chain(last, rnn=lstm(5, 12, 2, proj_size=8), fc=nn.Linear(8, 3)), 5, "classes", None),
    "bothProjected": (lambda: Chain(last, rnn=lstm(5, 6, bidirectional=True, proj_size=2), fc=nn.Linear(4, 3)), 5, "classes", None),
    "plainRnn": (lambda: Chain(last, rnn=rnn(5, 7, 2), fc=nn.Linear(7, 3)), 5, "classes", None),
    "reluRnn": (
        lambda: Chain(last, rnn=rnn(5, 7, nonlinearity="relu"), fc=nn.Linear(7, 3)), 5, "classes",
        described({"rnn": "rnn", "nonlinearity": "relu"}, "last", {"linear": "fc"}),
    ),
    "tied": (tied, "ids", "steps", None),
    "noBias": (lambda: Chain(last, rnn=gru(5, 7, bias=False), fc=nn.Linear(7, 3, bias=False)), 5, "classes", None),
    "normalised": (normalised, 5, "classes", None),
    "twoModules": (lambda: Chain(lambda m, x: m.out(m.lstm2(m.lstm1(x)[0])[0][:, -1]), lstm1=lstm(6, 6), lstm2=lstm(6, 6), out=nn.Linear(6, 3)), 6, "classes", None),
    "lstmCell": (lambda: Stepwise(nn.LSTMCell(5, 7), nn.Linear(7, 3)), 5, "classes", None),
    "gruCell": (lambda: Stepwise(nn.GRUCell(5, 7), nn.Linear(7, 3)), 5, "classes", None),
    "finalState": (
        lambda: Chain(HIDDEN, rnn=lstm(5, 6, 2, bidirectional=True), fc=nn.Linear(12, 3)), 5, "classes",
        described({"lstm": "rnn", "dropout": 0.2}, "final", {"dropout": 0.5}, {"linear": "fc"}),
    ),
    "mean": (
        lambda: Chain(lambda m, x: torch.log_softmax(m.fc(m.rnn(x)[0].mean(1)), -1), rnn=gru(5, 6), fc=nn.Linear(6, 3)), 5, "classes",
        described({"gru": "rnn"}, "mean", {"linear": "fc"}, "logSoftmax"),
    ),
    "max": (
        lambda: Chain(lambda m, x: torch.sigmoid(m.fc(nn.functional.leaky_relu(m.rnn(x)[0].max(1)[0], 0.3))), rnn=gru(5, 6), fc=nn.Linear(6, 2)), 5, "numbers",
        described({"gru": "rnn"}, "max", {"leakyRelu": 0.3}, {"linear": "fc"}, "sigmoid"),
    ),
    "sequential": (
        lambda: Chain(lambda m, x: m.head(m.rnn(x)[0][:, -1]), rnn=lstm(5, 7), head=nn.Sequential(nn.Linear(7, 6), nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))), 5, "classes", None,
    ),
    "inputLayer": (lambda: Chain(lambda m, x: m.head(m.rnn(m.proj(x))[0][:, -1]), proj=nn.Linear(5, 8), rnn=lstm(8, 7), head=nn.Linear(7, 3)), 5, "classes", None),
    "packedFinal": (
        lambda: Chain(packed(final), emb=nn.Embedding(11, 5), rnn=lstm(5, 6, 2, bidirectional=True), fc=nn.Linear(12, 3)), "ids", "classes",
        described({"embedding": "emb", "padding": 0}, {"lstm": "rnn"}, "final", {"linear": "fc"}),
    ),
    "packedMean": (
        lambda: Chain(packed(lambda steps, states, real: steps.sum(1) / real.sum(1)), rnn=gru(5, 6), fc=nn.Linear(6, 3)), 5, "classes",
        described({"gru": "rnn", "padding": 9}, "mean", {"linear": "fc"}),
    ),
    "packedMax": (
        lambda: Chain(packed(lambda steps, states, real: steps.masked_fill(~real, -math.inf).max(1)[0]), rnn=rnn(5, 6, bidirectional=True), fc=nn.Linear(12, 3)), 5, "classes",
        described({"rnn": "rnn", "padding": 9}, "max", {"linear": "fc"}),
    ),
    "packedAll": (
        lambda: Chain(packed(lambda steps, states, real: steps), emb=nn.Embedding(11, 5), rnn=lstm(5, 12, proj_size=3, bidirectional=True), fc=nn.Linear(6, 11)), "ids", "steps",
        described({"embedding": "emb", "padding": 0}, {"lstm": "rnn"}, {"linear": "fc"}),
    ),
    "convolved": (
        lambda: Chain(lambda m, x: m.fc(m.rnn(m.pool(torch.relu(m.conv(x.transpose(1, 2)))).transpose(1, 2))[0][:, -1]), conv=nn.Conv1d(5, 8, 3, padding=1), pool=nn.MaxPool1d(2), rnn=lstm(8, 7), fc=nn.Linear(7, 3)), 5, "classes",
        described({"conv1d": "conv", "padding": 1}, "relu", {"maxPool": 2}, {"lstm": "rnn"}, "last", {"linear": "fc"}),
    ),
    "convolvedTokens": (
        lambda: Chain(lambda m, x: m.fc(m.rnn(m.pool(m.conv(m.emb(x).transpose(1, 2))).transpose(1, 2))[0].mean(1)), emb=nn.Embedding(11, 5), conv=nn.Conv1d(5, 6, 4, padding="same", dilation=2, bias=False), pool=nn.AvgPool1d(3, 1, 1), rnn=gru(6, 6), fc=nn.Linear(6, 3)), "ids", "classes",
        described({"embedding": "emb"}, {"conv1d": "conv", "padding": "same", "dilation": 2}, {"averagePool": 3, "stride": 1, "padding": 1}, {"gru": "rnn"}, "mean", {"linear": "fc"}),
    ),
    "convolvedStates": (
        lambda: Chain(lambda m, x: m.fc(torch.tanh(m.conv(m.rnn(x)[0].transpose(1, 2))).max(2)[0]), rnn=lstm(5, 4, bidirectional=True), conv=nn.Conv1d(8, 6, 2, stride=2, padding=1), fc=nn.Linear(6, 3)), 5, "classes",
        described({"lstm": "rnn"}, {"conv1d": "conv", "stride": 2, "padding": 1}, "tanh", "max", {"linear": "fc"}),
    ),
    "convolvedGroups": (
        lambda: Chain(lambda m, x: m.fc(m.rnn(m.conv(x.transpose(1, 2)).transpose(1, 2))[0][:, -1]), conv=nn.Conv1d(6, 4, 3, 2, groups=2), rnn=lstm(4, 6), fc=nn.Linear(6, 3)), 6, "classes",
        described({"conv1d": "conv", "stride": 2, "groups": 2}, {"lstm": "rnn"}, "last", {"linear": "fc"}),
    ),
    "numbers": (lambda: Chain(last, rnn=lstm(5, 7), fc=nn.Linear(7, 2)), 5, "numbers", None),
}
DTYPES = {"half": torch.float16, "brain": torch.bfloat16, "double": torch.float64}
for name, dtype in DTYPES.items():
    CASES[name] = CASES["stackedGru"]


def fitted(module, state):
    """The same module with the sizes of a state dict."""
    for path, part in module.named_modules():
        own = {key[len(path) + 1:]: value for key, value in state.items() if key.startswith(path + ".")}
        if isinstance(part, nn.RNNBase):
            hidden = own["weight_hr_l0"].shape[1] if part.proj_size else own["weight_hh_l0"].shape[1]
            proj = {"proj_size": own["weight_hh_l0"].shape[1]} if part.proj_size else {}
            rest = {"nonlinearity": part.nonlinearity} if isinstance(part, nn.RNN) else {}
            new = type(part)(own["weight_ih_l0"].shape[1], hidden, part.num_layers, bias=part.bias, batch_first=True, bidirectional=part.bidirectional, **proj, **rest)
        elif isinstance(part, (nn.LSTMCell, nn.GRUCell)):
            new = type(part)(own["weight_ih"].shape[1], own["weight_hh"].shape[1])
        elif isinstance(part, nn.Linear):
            new = nn.Linear(own["weight"].shape[1], own["weight"].shape[0], bias=part.bias is not None)
        elif isinstance(part, nn.Conv1d):
            outputs, inputs, size = own["weight"].shape
            new = nn.Conv1d(inputs * part.groups, outputs, size, part.stride, part.padding, part.dilation, part.groups, part.bias is not None)
        elif isinstance(part, nn.Embedding):
            new = nn.Embedding(*own["weight"].shape)
        elif isinstance(part, (nn.BatchNorm1d, nn.LayerNorm)):
            new = type(part)(own["weight"].shape[0])
        else:
            continue
        module.set_submodule(path, new)
    return module


def loss_of(name, module, x, y):
    module = module.double().eval()
    with torch.no_grad():
        out = module(torch.from_numpy(x).long() if x.dtype == np.int32 else torch.from_numpy(x).double())
    y = torch.from_numpy(y)
    if CASES[name][2] == "numbers":
        return nn.functional.mse_loss(out, y.double()).item()
    y = y.long()
    if padding_of(name) is not None and y.dim() == 2:
        y[torch.from_numpy(x) == padding_of(name)] = -100
    return nn.functional.cross_entropy(out.flatten(0, -2), y.flatten()).item()


def padding_of(name):
    description = CASES[name][3]
    first = description["layers"][0] if description else {}
    return None if "conv1d" in first else first.get("padding")


def make(folder):
    losses = {}
    for seed, (name, (build, source, target, description)) in enumerate(CASES.items()):
        torch.manual_seed(seed)
        rng = np.random.default_rng(seed)
        module = build()
        module = module.to(DTYPES.get(name, torch.float32))
        path = folder / f"{name}.safetensors"
        save_model(module, str(path)) if name == "tied" else save_file(module.state_dict(), path, {"format": "pt"})
        if description:
            (folder / f"{name}.lstmprune-model.json").write_text(json.dumps(description))
        x = rng.integers(0, 11, (SAMPLES, STEPS)).astype(np.int32) if source == "ids" else rng.standard_normal((SAMPLES, STEPS, source)).astype(np.float32)
        if padding_of(name) is not None:
            x = padded(x, padding_of(name))
        shape = (SAMPLES, STEPS) if target == "steps" else (SAMPLES,)
        y = rng.random((SAMPLES, 2)).astype(np.float32) if target == "numbers" else rng.integers(0, 11 if target == "steps" else 3, shape).astype(np.int32)
        np.savez(folder / f"{name}.npz", x=x, y=y)
        losses[name] = loss_of(name, module, x, y)
    shard(folder)
    print(json.dumps(losses))


def shard(folder):
    """The tensors of one model in two files, as Hugging Face's libraries split them."""
    state = load_file(folder / "stackedGru.safetensors")
    (folder / "sharded").mkdir()
    names = sorted(state)
    parts = {f"model-0000{i + 1}-of-00002.safetensors": names[i::2] for i in range(2)}
    for file, own in parts.items():
        save_file({key: state[key] for key in own}, folder / "sharded" / file, {"format": "pt"})
    write_index(folder / "sharded/model.safetensors.index.json", state, parts)
    (folder / "shardedBin").mkdir()
    names = list(CASES["stackedGru"][0]().state_dict())
    parts = {f"pytorch_model-0000{i + 1}-of-00002.bin": names[i * 5 : i * 5 + 5 + i * len(names)] for i in range(2)}
    for file, own in parts.items():
        torch.save({key: state[key] for key in own}, folder / "shardedBin" / file)
    write_index(folder / "shardedBin/pytorch_model.bin.index.json", state, parts)


def write_index(path, state, parts):
    index = {
        "metadata": {"total_size": sum(t.nbytes for t in state.values())},
        "weight_map": {key: file for file, own in parts.items() for key in own},
    }
    path.write_text(json.dumps(index, indent=2, sort_keys=True) + "\n")


def read(path):
    if path.is_file():
        return load_file(path)
    [index_file] = path.glob("*.index.json")
    index = json.loads(index_file.read_text())
    state = {}
    for file in sorted(set(index["weight_map"].values())):
        state |= load_file(path / file) if file.endswith(".safetensors") else torch.load(path / file, weights_only=True, mmap=True)
    assert sorted(state) == sorted(index["weight_map"])
    assert index["metadata"]["total_size"] == sum(t.nbytes for t in state.values())
    return state


def judge(folder, files):
    found = []
    for name, file in files:
        state = read(Path(file))
        if name == "tied":
            state |= {key: state["decoder.weight" if "decoder.weight" in state else "emb.weight"] for key in ("emb.weight", "decoder.weight")}
        module = fitted(CASES[name][0](), state)
        module.load_state_dict(state)
        data = np.load(folder / f"{name}.npz")
        zeros = sum((value == 0).sum().item() for key, value in state.items() if ".weight_ih" in key or ".weight_hh" in key)
        found.append({"loss": loss_of(name, module, data["x"], data["y"]), "zeros": zeros})
    print(json.dumps(found))


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    make(folder) if sys.argv[1] == "make" else judge(folder, json.loads(Path(sys.argv[3]).read_text()))
