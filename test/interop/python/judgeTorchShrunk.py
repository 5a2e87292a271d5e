"""judgeTorchShrunk.py JOBS: what PyTorch computes with files whose hidden units have left.

JOBS is a JSON list of { pruned, shrunk, load, options }: the same file pruned unit by unit, and with the units gone. Prints a JSON list of lists of
problems: a Tagger of the smaller size takes the weights as they are, and gives the outputs of the pruned one."""

import json
import sys

import torch

from torchModels import Tagger, weights_of


def load(path, how):
    state = weights_of(torch.load(path, weights_only=True, mmap=how == "weights"))
    return {name.removeprefix("module."): tensor for name, tensor in state.items()}


def tagger(state, options):
    hidden = state["rnn.weight_hh_l0"].shape[0] // {"LSTM": 4, "GRU": 3, "RNN": 1}[options.get("cell", "LSTM")]
    model = Tagger(hidden=hidden, **options).eval()
    model.load_state_dict(state)
    return model, hidden


def judge(pruned, shrunk, how, options):
    whole, before = tagger(load(pruned, how), options)
    small, after = tagger(load(shrunk, how), options)
    tokens = torch.randint(0, 20, (8, 9))
    with torch.no_grad():
        distance = float((whole(tokens) - small(tokens)).abs().max())
    problems = [] if after < before else [f"{before} units before, {after} after"]
    return problems if distance < 1e-5 else [*problems, f"outputs differ by {distance}"]


torch.manual_seed(2)
with open(sys.argv[1]) as file:
    jobs = json.load(file)
print(json.dumps([judge(job["pruned"], job["shrunk"], job["load"], job["options"]) for job in jobs]))
