"""TorchScript of one module after another that do one thing each with their layers: scripted, traced, and both frozen. Writes the archives,
and prints the inputs, what PyTorch computes of them, and what could not be saved."""

import importlib.util
import json
import sys
import warnings
from pathlib import Path

import torch

# What stands in forward; `s` is the module. Layers by name: emb, rnn, fc …, made as the second text says.
TOKENS = "s.emb = nn.Embedding(20, 8)"
LSTM = f"{TOKENS}; s.rnn = nn.LSTM(8, 8, batch_first=True); s.fc = nn.Linear(8, 5)"
DEEP = LSTM.replace("8, 8, batch", "8, 8, 2, batch")
BOTH = f"{TOKENS}; s.rnn = nn.GRU(8, 8, 2, batch_first=True, bidirectional=True); s.fc = nn.Linear(16, 5)"
HALF = BOTH.replace("8, 8, 2", "8, 8").replace("16, 5", "8, 5")
HEADS = f"{LSTM}; s.out = nn.Linear(5, 5)"
FEATURES = "s.rnn = nn.LSTM(6, 8, batch_first=True); s.fc = nn.Linear(8, 5)"
FIRST = "s.rnn = nn.LSTM(6, 8); s.fc = nn.Linear(8, 5)"
NORM = "s.rnn = nn.LSTM(6, 6, batch_first=True); s.bn = nn.BatchNorm1d(6); s.fc = nn.Linear(6, 5); nn.init.normal_(s.bn.running_mean)"
TWO = f"{TOKENS}; s.b = nn.LSTM(8, 8, batch_first=True); s.a = nn.LSTM(8, 8, batch_first=True); s.fc = nn.Linear(8, 5)"
CELLS = "s.one = nn.GRUCell(6, 8); s.two = nn.LSTMCell(8, 8); s.fc = nn.Linear(8, 5)"
LOOP = """
        g = torch.zeros(x.size(0), 8)
        h = torch.zeros(x.size(0), 8)
        c = torch.zeros(x.size(0), 8)
        for t in range(x.size(1)):
            g = s.one(x[:, t], g)
            h, c = s.two(g, (h, c))
        return s.fc({})"""
ONE = "s.one = nn.GRUCell(6, 8); s.fc = nn.Linear(8, 5)"
EACH = """
        h = torch.zeros(x.size({}), 8)
        outs = []
        for {}:
            h = s.one({}, h)
            {}
        {}"""
CONV = "s.conv = nn.Conv1d(6, 8, 3, padding=1); s.rnn = nn.LSTM(8, 8, batch_first=True); s.fc = nn.Linear(8, 5)"
WIDE = CONV.replace("padding=1", "{}")
POOL = f"{CONV}; s.pool = {{}}"
TOKENS_CONV = f"{TOKENS}; {CONV.replace('6, 8, 3', '8, 8, 3')}"
CONV_ONE = "s.conv = nn.Conv1d(6, 6, 1, padding=1); s.one = nn.GRUCell(6, 8); s.fc = nn.Linear(8, 5)"
CONV_LOOP = """
        c = s.conv(x.transpose(1, 2)).transpose(1, 2)
        h = torch.zeros(x.size(0), 8)
        for t in range({}.size(1)):
            h = s.one(c[:, t], h)
        return s.fc(h)"""
C = "c = s.conv(x.transpose(1, 2)){}; return s.fc(s.rnn(c.transpose(1, 2))[0]{})"
P = "c = s.pool(torch.relu(s.conv(x.permute(0, 2, 1)))); return s.fc(s.rnn(c.permute(0, 2, 1))[0][:, -1])"
Y = "y = s.rnn(s.emb(x))[0]; "
H = "h = s.rnn(s.emb(x))[1]; "
HC = "h, c = s.rnn(s.emb(x))[1]; "
# name: layers, forward
CASES = {
    "last": (LSTM, Y + "return s.fc(y[:, -1])"),
    "lastBySize": (LSTM, Y + "return s.fc(y[:, x.size(1) - 1])"),
    "lastSlice": (LSTM, Y + "return s.fc(y[:, -1:].squeeze(1))"),
    "first": (LSTM, Y + "return s.fc(y[:, 0])"),
    "second": (LSTM, Y + "return s.fc(torch.relu(y)[:, 1])"),
    "lastButOne": (LSTM, Y + "return s.fc(y[:, y.size(1) - 2])"),
    "meanOfRest": (LSTM, Y + "return s.fc(y[:, 1:].mean(1))"),
    "lastOfSome": (LSTM, Y + "return s.fc(y[:, 1:-1])[:, -1]"),
    "upTo": (LSTM, Y + "return s.fc(y[:, :3])"),
    "everySecond": (LSTM, Y + "return s.fc(y[:, ::2])"),
    "mean": (LSTM, Y + "return s.fc(y.mean(1))"),
    "max": (LSTM, Y + "return s.fc(torch.max(y, dim=1)[0])"),
    "all": (LSTM, Y + "return s.fc(y)"),
    "allAsRows": (LSTM, Y + "return s.fc(y.reshape(-1, 8)).view(x.size(0), x.size(1), -1)"),
    "lastOfOutputs": (LSTM, Y + "return s.fc(y)[:, -1]"),
    "firstState": (LSTM, HC + "return s.fc(h[0])"),
    "lastState": (LSTM, HC + "return s.fc(h[-1])"),
    "squeezedState": (LSTM, HC + "return s.fc(h.squeeze(0))"),
    "viewedState": (LSTM, HC + "return s.fc(h.view(-1, 8))"),
    "topState": (DEEP, HC + "return s.fc(h[-1])"),
    "lowerState": (DEEP, HC + "return s.fc(h[0])"),
    "cellState": (LSTM, HC + "return s.fc(c[-1])"),
    "statesBeside": (LSTM, "y, hc = s.rnn(s.emb(x)); return s.fc(y[:, -1]), hc"),
    "bothLast": (BOTH, Y + "return s.fc(y[:, -1])"),
    "bothFinal": (BOTH, H + "return s.fc(torch.cat((h[-2], h[-1]), dim=1))"),
    "bothByNumber": (BOTH, H + "return s.fc(torch.cat([h[2], h[3]], 1))"),
    "bothLower": (BOTH, H + "return s.fc(torch.cat([h[0], h[1]], 1))"),
    "bothSwapped": (BOTH, H + "return s.fc(torch.cat((h[-1], h[-2]), 1))"),
    "oneDirection": (HALF, H + "return s.fc(h[-1])"),
    "bothHalves": (HALF.replace("8, 5", "16, 5"), Y + "return s.fc(torch.cat((y[:, -1, :8], y[:, 0, 8:]), 1))"),
    "bothHalvesOfTwo": (BOTH, Y + "return s.fc(torch.cat((y[:, :, :8][:, -1], y[:, :, 8:][:, 0]), -1))"),
    "bothChunks": (BOTH, Y + "f, b = y.chunk(2, -1); return s.fc(torch.cat((f[:, -1, :], b[:, 0, :]), 1))"),
    "bothSplit": (BOTH, Y + "f, b = y.split(8, dim=2); return s.fc(torch.cat((f[:, -1], b[:, 0]), 1))"),
    "halfAlone": (HALF, Y + "return s.fc(y[:, :, :8])"),
    "halfAtEnd": (HALF, Y + "return s.fc(y[:, -1, :8])"),
    "halvesAtEnd": (HALF.replace("8, 5", "16, 5"), Y + "f, b = y.chunk(2, 2); return s.fc(torch.cat((f[:, -1], b[:, -1]), 1))"),
    "sumOfHalves": (HALF, Y + "f, b = y.chunk(2, 2); return s.fc(f + b)"),
    "meanOfHalf": (HALF, Y + "return s.fc(y[:, :, :8].mean(1))"),
    "thirds": (HALF.replace("8, 5", "16, 5"), Y + "return s.fc(torch.cat(torch.split(y, [4, 12], 2), 2))"),
    "sumOfBoth": (HALF, H + "return s.fc(h.sum(0))"),
    "statesAsRows": (BOTH.replace("8, 8, 2", "8, 8"), H + "return s.fc(h.transpose(0, 1).reshape(x.size(0), -1))"),
    "statesMixed": (BOTH.replace("8, 8, 2", "8, 8"), H + "return s.fc(h.reshape(x.size(0), -1))"),
    "sigmoidAtEnd": (LSTM, Y + "return torch.sigmoid(s.fc(y[:, -1]))"),
    "softmaxAtEnd": (LSTM, Y + "return torch.softmax(s.fc(y[:, -1]), 1)"),
    "softmaxOverSteps": (LSTM, Y + "return torch.softmax(s.fc(y), 1)"),
    "softmaxOverSamples": (f"{LSTM}; s.act = nn.Softmax(0)", Y + "return s.act(s.fc(y[:, -1]))"),
    "tanhBefore": (f"{LSTM}; s.act = nn.Tanh()", Y + "return s.fc(s.act(y[:, -1]))"),
    "unusedActivation": (f"{LSTM}; s.act = nn.Sigmoid()", Y + "return s.fc(y[:, -1])"),
    "reluTwice": (f"{HEADS}; s.act = nn.ReLU()", Y + "return s.act(s.out(s.act(s.fc(y[:, -1]))))"),
    "noActivation": (HEADS, Y + "return s.out(s.fc(y[:, -1]))"),
    "otherOrder": (TWO, "return s.fc(s.b(s.a(s.emb(x))[0])[0][:, -1])"),
    "statesHandedOn": (TWO, "y, hc = s.b(s.emb(x)); return s.fc(s.a(y, hc)[0][:, -1])"),
    "decoder": (TWO, "y, hc = s.b(s.emb(x)); return s.fc(s.a(hc[0][-1].unsqueeze(1).expand(-1, 4, -1))[0])"),
    "sum": (LSTM, Y + "return s.fc(y.sum(1))"),
    "residual": (TWO, "y = s.b(s.emb(x))[0]; return s.fc((y + s.a(y)[0])[:, -1])"),
    "packed": (LSTM, "p = nn.utils.rnn.pack_padded_sequence(s.emb(x), (x > 0).sum(1).clamp(min=1).cpu(), True, False); return s.fc(s.rnn(p)[1][0][-1])"),
    "stepsFirst": (FIRST, "return s.fc(s.rnn(x)[0][-1])"),
    "turned": (FIRST, "return s.fc(s.rnn(x.transpose(0, 1))[0][-1])"),
    "turnedBack": (FIRST, "return s.fc(s.rnn(x.permute(1, 0, 2))[0].permute(1, 0, 2))"),
    "overSamples": (FIRST, "return s.fc(s.rnn(x)[0][:, -1])"),
    "lastSample": (FEATURES, "return s.fc(s.rnn(x)[0][-1])"),
    "featuresAsSteps": (FEATURES, "return s.fc(s.rnn(x.transpose(1, 2))[0][:, -1])"),
    "lastFeature": (FEATURES.replace("8, 5", "6, 5"), "return s.fc(s.rnn(x)[0].transpose(1, 2)[:, -1])"),
    "lastStepOfTurned": (FEATURES, "return s.fc(s.rnn(x)[0].transpose(1, 2)[:, :, -1])"),
    "samplesAsSteps": (FEATURES, "return s.fc(s.rnn(x)[0].reshape(x.size(1), x.size(0), -1)[-1])"),
    "classesFirst": (FEATURES, "return s.fc(s.rnn(x)[0]).transpose(1, 2)"),
    "normalised": (NORM, "return s.fc(s.bn(s.rnn(x)[0].permute(0, 2, 1)).permute(0, 2, 1)[:, -1])"),
    "normalisedSteps": (NORM, "return s.fc(s.bn(s.rnn(x)[0])[:, -1])"),
    "changedView": (FEATURES, "y = s.rnn(x)[0]; y[:, -1].relu_(); return s.fc(y[:, -1])"),
    "conv": (CONV, C.format("", "[:, -1]")),
    "convTokens": (TOKENS_CONV, C.replace("(x.", "(s.emb(x).").format(".relu()", ".mean(1)")),
    "convSame": (WIDE.format("padding='same', dilation=2, bias=False"), C.format("", "")),
    "convStrided": (WIDE.format("stride=2, padding=2"), C.format(".tanh()", "")),
    "convGrouped": (WIDE.format("groups=2, padding='valid'"), C.format("", "[:, -1]")),
    "convCircular": (WIDE.format("padding=1, padding_mode='circular'"), C.format("", "[:, -1]")),
    "convNormed": (f"{CONV}; s.bn = nn.BatchNorm1d(8); nn.init.normal_(s.bn.running_mean)", C.format("; c = s.bn(c).relu()", "[:, -1]")),
    "convFirst": (CONV, C.replace("x.transpose(1, 2)", "x").format("", "[:, -1]")),
    "convNarrow": ("s.conv = nn.Conv1d(1, 8, 3); s.rnn = nn.LSTM(8, 8, batch_first=True); s.fc = nn.Linear(8, 5); s.narrow = 1", C.replace("x.transpose(1, 2)", "x.unsqueeze(1)").format("", "[:, -1]")),
    "convBehind": ("s.rnn = nn.LSTM(6, 8, batch_first=True); s.conv = nn.Conv1d(8, 8, 3); s.fc = nn.Linear(8, 5)", "c = s.conv(s.rnn(x)[0].transpose(1, 2)).relu(); return s.fc(torch.max_pool1d(c, c.size(2)).squeeze(2))"),
    "convOverFeatures": ("s.rnn = nn.LSTM(6, 8, batch_first=True); s.conv = nn.Conv1d(6, 6, 3, padding=1); s.fc = nn.Linear(8, 5)", "return s.fc(s.conv(s.rnn(x)[0])[:, -1])"),
    "convSizes": (CONV, "c = s.conv(x.transpose(1, 2)).transpose(1, 2); y = s.rnn(c)[0]; return s.fc(y.reshape(-1, 8)).view(x.size(0), x.size(1), 5)"),
    "convTwice": (CONV.replace("6, 8, 3", "6, 6, 3").replace("8, 8", "6, 8"), "c = s.conv(s.conv(x.transpose(1, 2))); return s.fc(s.rnn(c.transpose(1, 2))[0][:, -1])"),
    "convLoop": (CONV_ONE, CONV_LOOP.format("c")),
    "convLoopLess": (CONV_ONE, CONV_LOOP.format("x")),
    "poolMax": (POOL.format("nn.MaxPool1d(2)"), P),
    "poolMean": (POOL.format("nn.AvgPool1d(3, stride=1, padding=1)"), P),
    "poolInside": (POOL.format("nn.AvgPool1d(2, padding=1, count_include_pad=False)"), P),
    "poolUp": (POOL.format("nn.MaxPool1d(4, ceil_mode=True)"), P),
    "poolOne": (POOL.format("nn.AdaptiveAvgPool1d(1)"), "c = s.conv(x.transpose(1, 2)).transpose(1, 2); return s.fc(s.pool(s.rnn(c)[0].transpose(1, 2)).squeeze(-1))"),
    "poolOneMax": (POOL.format("nn.AdaptiveMaxPool1d(1)"), "c = s.conv(x.transpose(1, 2)).transpose(1, 2); return s.fc(s.pool(s.rnn(c)[0].transpose(1, 2)).squeeze(-1))"),
    "poolAll": (CONV, "c = s.conv(x.transpose(1, 2)).transpose(1, 2); y = s.rnn(c)[0].transpose(1, 2); return s.fc(nn.functional.avg_pool1d(y, y.size(2)).squeeze(2))"),
    "poolMixed": (FEATURES, "return s.fc(nn.functional.max_pool1d(s.rnn(x)[0], 2, 1, 0).sum(2, keepdim=True).expand(-1, -1, 8))"),
    "cells": (CELLS, LOOP.format("h")),
    "cellMemory": (CELLS, LOOP.format("c")),
    "cellsStacked": (ONE, EACH.format(0, "t in range(x.size(1))", "x[:, t]", "outs.append(h)", "return s.fc(torch.stack(outs, 1))")),
    "cellsUnbound": (ONE, EACH.format(0, "xt in x.unbind(1)", "xt", "outs += [h]", "return s.fc(torch.stack(outs).transpose(0, 1))")),
    "cellsCounted": (ONE, EACH.format(0, "t, xt in enumerate(x.unbind(1))", "xt", "outs.append(s.fc(h).unsqueeze(1))", "return torch.cat(outs, 1)")),
    "cellsFirst": (ONE, EACH.format(1, "xt in x", "xt", "outs = outs + [h]", "return s.fc(torch.stack(outs))")),
    "cellsLast": (ONE, EACH.format(0, "t in range(x.shape[1])", "x[:, t, :]", "outs.append(h)", "return s.fc(outs[-1])")),
    "cellsMean": (ONE, EACH.format(0, "xt in x.unbind(1)", "xt", "outs.append(h)", "return s.fc(torch.stack(outs, 2).mean(2))")),
    "cellsOverCells": (ONE.replace("s.fc", "s.two = nn.LSTMCell(8, 8); s.fc"), EACH.format(0, "t in range(x.size(1))", "x[:, t]", "outs.append(h)", "h, c = torch.zeros(x.size(0), 8), torch.zeros(x.size(0), 8)\n        for y in outs:\n            h, c = s.two(y, (h, c))\n        return s.fc(h)")),
    "cellsTwice": (ONE, EACH.format(0, "xt in x.unbind(1)", "xt", "outs.append(h); outs.append(h)", "return s.fc(torch.stack(outs, 1))")),
    "cellsChanged": (ONE, EACH.format(0, "xt in x.unbind(1)", "xt", "outs.append(h); h.relu_()", "return s.fc(torch.stack(outs, 1))")),
    "cellsNew": (ONE, EACH.format(0, "xt in x.unbind(1)", "xt", "outs = [h]", "return s.fc(torch.stack(outs, 1))")),
    "cellsInPlace": (ONE, EACH.format(0, "t in range(x.size(1))", "x[:, t]", "x[:, t] = x[:, t] * 2; outs.append(h)", "return s.fc(torch.stack(outs, 1))")),
    "cellsKeptBefore": (ONE, EACH.format(0, "xt in x.unbind(1)", "xt", "kept = outs + [h]", "return s.fc(torch.stack(kept, 1))").replace("outs = []", "outs = []; kept = [h]")),
    "cellsSome": (ONE, EACH.format(0, "t in range(x.size(1))", "x[:, t]", "outs.append(h) if t % 2 == 0 else None", "return s.fc(torch.stack(outs, 1))")),
    "stepOfUnbound": (FEATURES, "return s.fc(s.rnn(x)[0].unbind(1)[-1])"),
    "firstOfUnbound": (FEATURES, "return s.fc(s.rnn(x)[0].unbind(1)[0])"),
    "bothUnbound": (HALF.replace("8, 5", "16, 5"), H + "f, b = h.unbind(0); return s.fc(torch.cat((f, b), 1))"),
    "bothJoined": (HALF.replace("8, 5", "16, 5"), H + "return s.fc(torch.cat(h.unbind(0), -1))"),
    "asRows": (FEATURES, "return s.fc(s.rnn(x)[0]).reshape(-1, 5)"),
    "asRowsFirst": (FIRST, "return s.fc(s.rnn(x)[0]).reshape(-1, 5)"),
    "allFirst": (FIRST, "return s.fc(s.rnn(x)[0])"),
    "classesOfFirst": (FIRST, "return s.fc(s.rnn(x)[0]).permute(1, 2, 0)"),
    "likelihoods": (FEATURES, "return torch.log_softmax(s.fc(s.rnn(x)[0]).permute(0, 2, 1), dim=1)"),
    "branch": (FEATURES, "y = s.rnn(x)[0][:, -1]\n        if bool(x.sum() > 0):\n            return s.fc(y)\n        return s.fc(y.relu())"),
    "until": (FEATURES, "y = s.rnn(x)[0][:, -1]\n        while bool(y.sum() > 1):\n            y = y / 2\n        return s.fc(y)"),
    "number": (FEATURES, "y = s.rnn(x)[0][:, -1]; return s.fc(y), y.size(0)"),
    "named": (FEATURES, "return {'y': s.fc(s.rnn(x)[0][:, -1])}"),
    "namedWithState": (FEATURES, "y, hc = s.rnn(x); return {'y': s.fc(y[:, -1]), 'h': hc[0]}"),
    "namedTwice": (FEATURES, "y = s.rnn(x)[0]; return {'y': s.fc(y[:, -1]), 'features': y}"),
    "cellsSummed": (ONE, EACH.format(0, "t in range(x.size(1))", "x[:, t]", "outs.append(h + x.sum())", "return s.fc(torch.stack(outs, 1))")),
    "cellsSkipping": (ONE, EACH.format(0, "t in range(0, 6, 2)", "x[:, t]", "outs.append(h)", "return s.fc(h)")),
    "cellsThree": (ONE, EACH.format(0, "t in range(3)", "x[:, t]", "outs.append(h)", "return s.fc(torch.stack(outs, 1))")),
    "cellsBackwards": (CELLS, LOOP.replace("x[:, t]", "x[:, x.size(1) - 1 - t]").format("h")),
}
SAMPLES = STEPS = WIDTH = 6


def source():
    lines = ["import torch", "from torch import nn", ""]
    for name, (layers, forward) in CASES.items():
        lines += [f"class {name}(nn.Module):", "    def __init__(s):", f"        super().__init__(); {layers}", "    def forward(s, x):", f"        {forward.strip()}"]
    return "\n".join(lines) + "\n"


def main(folder):
    warnings.filterwarnings("ignore")
    (folder / "scripted.py").write_text(source())
    spec = importlib.util.spec_from_file_location("scripted", folder / "scripted.py")
    scripted = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scripted)
    found = {}
    for seed, (name, (layers, _)) in enumerate(CASES.items()):
        torch.manual_seed(seed)
        model = getattr(scripted, name)().eval()
        example, x = [torch.randint(0, 20, (SAMPLES, STEPS)) if "emb" in layers else torch.randn(SAMPLES, STEPS) if "narrow" in layers else torch.randn(SAMPLES, STEPS, WIDTH) for _ in range(2)]
        ways = {
            "script": lambda: torch.jit.script(model),
            "trace": lambda: torch.jit.trace(model, example, check_trace=False, strict=False),
            "frozen": lambda: torch.jit.freeze(torch.jit.script(model)),
            "traceFrozen": lambda: torch.jit.freeze(torch.jit.trace(model, example, check_trace=False, strict=False)),
        }
        saved = []
        with torch.no_grad():
            y = model(x)
            for way, make in ways.items():
                try:
                    made = make()
                except (torch.jit.frontend.FrontendError, torch.jit.frontend.NotSupportedError, RuntimeError, AssertionError):
                    continue
                made.save(str(folder / f"{name}-{way}.pt"))
                saved.append(way)
        y = y[0] if isinstance(y, tuple) else y['y'] if isinstance(y, dict) else y
        found[name] = {"x": x.flatten().tolist(), "xShape": list(x.shape), "y": y.flatten().tolist(), "yShape": list(y.shape), "ways": saved}
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
