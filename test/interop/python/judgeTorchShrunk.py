"""judgeTorchShrunk.py JOBS: what PyTorch computes with files whose hidden units have left.

JOBS is a JSON list of { pruned, shrunk, load, options }: the same file pruned unit by unit, and with the units gone. Prints a JSON list of lists of
problems: a Tagger of the smaller size takes the weights as they are, and gives the outputs of the pruned one."""

import json
import sys

import torch

from torchModels import Tagger, optimizers_of, weights_of


def load(path, how):
    saved = torch.load(path, weights_only=True, mmap=how == "weights")
    state = {name.removeprefix("module."): tensor for name, tensor in weights_of(saved).items()}
    return state, saved


def tagger(state, options):
    hidden = state["rnn.weight_hh_l0"].shape[0] // {"LSTM": 4, "GRU": 3, "RNN": 1}[options.get("cell", "LSTM")]
    model = Tagger(hidden=hidden, **options).eval()
    model.load_state_dict(state)
    return model, hidden


def moments(model, saved):
    """Every weight that has one beside its moment, as optimizers of the model take them from the file; they can take a step then."""
    optimizers = optimizers_of(saved, model)
    if not optimizers:
        return []
    kept = {weight: state["exp_avg"] for optimizer in optimizers for weight, state in optimizer.state.items()}
    pairs = [(weight.detach().clone(), kept[weight].clone()) for weight in model.parameters() if weight in kept]
    model(torch.randint(0, 20, (2, 3))).square().mean().backward()
    for optimizer in optimizers:
        optimizer.step()
    return pairs


def moments_stay(whole, small):
    """Weights are as good as unique, so each that stays is found by its value, and beside it its moment."""
    for (weight, moment), (few, own) in zip(whole, small):
        if own.shape != few.shape:
            return False
        known = dict(zip(weight.flatten().tolist(), moment.flatten().tolist()))
        pairs = [(known.get(w), m) for w, m in zip(few.flatten().tolist(), own.flatten().tolist()) if w != 0]
        if sum(a == b for a, b in pairs) < 0.99 * len(pairs):
            return False
    return True


def judge(pruned, shrunk, how, options):
    state, saved = load(pruned, how)
    whole, before = tagger(state, options)
    state, smaller = load(shrunk, how)
    small, after = tagger(state, options)
    tokens = torch.randint(0, 20, (8, 9))
    with torch.no_grad():
        distance = float((whole(tokens) - small(tokens)).abs().max())
    problems = [] if after < before else [f"{before} units before, {after} after"]
    if distance > 1e-5:
        problems.append(f"outputs differ by {distance}")
    before, after = moments(whole, saved), moments(small, smaller)
    if len(before) != len(after) or not moments_stay(before, after):
        problems.append("the optimizer's moments are not those of the weights that stay")
    return problems


torch.manual_seed(2)
with open(sys.argv[1]) as file:
    jobs = json.load(file)
print(json.dumps([judge(job["pruned"], job["shrunk"], job["load"], job["options"]) for job in jobs]))
