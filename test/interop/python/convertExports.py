"""Makes ONNX files by torch.onnx for conversion: `convertExports.py FOLDER` writes NAME.onnx of what people put behind a recurrent layer, the classic
exporter and the one by dynamo, and FOLDER/exports.json: [{name, path, inputs, outputs}], the outputs being those of the module."""

import json
import math
import sys
from pathlib import Path

import torch
from packed import packed
from torch import nn
from torch.nn import functional as F


def counted(x, steps):
    return (x != 0).unsqueeze(-1).to(steps.dtype)


# What a module does with the steps [B, T, 6] of the tokens x [B, T], of which 0 is padding.
HEADS = {
    "mean": lambda m, x, steps: (steps * counted(x, steps)).sum(1) / counted(x, steps).sum(1),
    "clamped_mean": lambda m, x, steps: (steps * counted(x, steps)).sum(1) / counted(x, steps).sum(1).clamp(min=1),
    "max": lambda m, x, steps: steps.masked_fill((x == 0).unsqueeze(-1), -math.inf).max(1)[0],
    "max_filled": lambda m, x, steps: steps.masked_fill((x == 0).unsqueeze(-1), -1e9).amax(1),
    "gelu": lambda m, x, steps: F.gelu(steps).mean(1),
    "gelu_tanh": lambda m, x, steps: F.gelu(steps, approximate="tanh").mean(1),
    "gelu_erf": lambda m, x, steps: (steps * 0.5 * (1 + torch.erf(steps / math.sqrt(2)))).mean(1),
    "roots": lambda m, x, steps: torch.sqrt(steps.abs() + 0.5).sum(1),
    "unit": lambda m, x, steps: F.normalize(steps, dim=-1).mean(1),
    "powers": lambda m, x, steps: torch.exp(steps).pow(2).mean(-1).log().sum(1, keepdim=True) + steps.mean(1),
    "shares": lambda m, x, steps: (torch.softmax(steps.mean(-1), 1).unsqueeze(1) @ steps).squeeze(1),
    "weighted": lambda m, x, steps: (torch.softmax(m.score(steps), 1) * steps).sum(1),
}
EXPORTERS = {"classic": {"dynamo": False, "opset_version": 17}, "dynamo": {"dynamo": True, "verbose": False}}
# The others come out alike, and exporting takes its time.
BY_BOTH = {"mean", "max", "gelu_tanh"}


class Model(nn.Module):
    def __init__(self, head):
        super().__init__()
        self.head = head
        self.table, self.rnn = nn.Embedding(11, 4), nn.LSTM(4, 6, batch_first=True)
        self.score, self.fc = nn.Linear(6, 1), nn.Linear(6, 3)

    def forward(self, x):
        return self.fc(self.head(self, x, self.rnn(self.table(x))[0]))


folder = Path(sys.argv[1])
tokens = torch.tensor([[3, 5, 1, 9, 2], [7, 4, 0, 0, 0], [6, 10, 8, 0, 0]])
cases = []
for seed, (name, head) in enumerate(HEADS.items()):
    torch.manual_seed(seed)
    model = Model(head).eval()
    for exporter, options in EXPORTERS.items():
        if exporter == "dynamo" and name not in BY_BOTH:
            continue
        path = folder / f"{name}.{exporter}.onnx"
        free = {"x": {0: "batch", 1: "steps"}}
        shapes = {"dynamic_axes": free} if exporter == "classic" else {"dynamic_shapes": {"x": {0: torch.export.Dim.AUTO, 1: torch.export.Dim.AUTO}}}
        torch.onnx.export(model, (tokens,), path, input_names=["x"], **shapes, **options)
        with torch.no_grad():
            outputs = model(tokens).numpy()
        cases.append({"name": f"{name} {exporter}", "path": str(path), "inputs": [packed(tokens.int().numpy())], "outputs": [packed(outputs)]})
(folder / "exports.json").write_text(json.dumps(cases))
