"""PyTorch's global magnitude pruning as a contender: `python torchGlobal.py INPUTS HIDDEN LAYERS SPARSITY`."""

import json
import sys
import time

import torch
from torch import nn
from torch.nn.utils import prune

torch.set_num_threads(1)
torch.set_num_interop_threads(1)

inputs, hidden, layers = map(int, sys.argv[1:4])
sparsity = float(sys.argv[4])
torch.manual_seed(1)
weights = [
    torch.empty(4 * hidden, columns).uniform_(-1, 1)
    for layer in range(layers)
    for columns in (hidden if layer else inputs, hidden)
]


def owner(weight):
    module = nn.Module()
    module.weight = nn.Parameter(weight)
    return module


def milliseconds():
    """Of masks for weights that have none; the weights are left as they are."""
    owners = [(owner(weight), "weight") for weight in weights]
    start = time.perf_counter()
    prune.global_unstructured(owners, prune.L1Unstructured, amount=sparsity)
    took = (time.perf_counter() - start) * 1000
    pruned = sum(int((module.weight_mask == 0).sum()) for module, _ in owners)
    assert pruned == round(sparsity * sum(weight.numel() for weight in weights)), pruned
    return took


for line in sys.stdin:
    request = json.loads(line)
    if request["do"] == "hello":
        answer = {"versions": {"pytorch": torch.__version__, "python": sys.version.split()[0]}}
    else:
        answer = {"ms": sum(milliseconds() for _ in range(request["steps"])) / request["steps"]}
    print(json.dumps(answer), flush=True)
