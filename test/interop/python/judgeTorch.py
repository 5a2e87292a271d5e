"""judgeTorch.py JOBS: what PyTorch finds in pruned files.

JOBS is a JSON list of { original, pruned, load, sparsity }. Prints a JSON list of lists of problems, empty where all is well: torch.load opens the
pruned file like the original; per recurrent layer the smallest weights are 0, as many as asked for, and all others as they were, bit by bit;
so is everything else in the file; what was tied still is; a zip archive's checksums are right."""

import json
import re
import sys
import warnings
import zipfile

import torch

import torchModels
from torchModels import optimizers_of, parts_of, weights_of

recurrent = re.compile(r"^(.*\b)?weight_(?:ih|hh|hr)(_l\d+)?(_reverse)?$")
warnings.filterwarnings("ignore")


def load(path, how):
    if how == "script":
        return torch.jit.load(path)
    if how == "module":
        return torch.load(path, weights_only=False)
    return torch.load(path, weights_only=True, mmap=how == "weights")


def leaves(value, path=""):
    """Everything in a checkpoint, by where it stands."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, f"{path}/{key}")
    elif isinstance(value, (list, tuple)):
        for i, part in enumerate(value):
            yield from leaves(part, f"{path}/{i}")
    else:
        yield path, value


def bits(tensor):
    return tensor.detach().contiguous().view(torch.uint8) if tensor.dim() else tensor.detach().reshape(1).view(torch.uint8)


def same(a, b):
    if isinstance(a, torch.Tensor):
        return isinstance(b, torch.Tensor) and a.dtype == b.dtype and a.shape == b.shape and a.stride() == b.stride() and torch.equal(bits(a), bits(b))
    return type(a) is type(b) and a == b


def layers(state):
    found = {}
    for name in state:
        match = recurrent.match(name)
        if match:
            found.setdefault(match.groups(), []).append(name)
    return found.values()


def numbered(state, saved):
    """Names of weights as each optimizer in a checkpoint counts them, by where its state stands."""
    names = {id(weight): name for name, weight in state.items()}
    members = lambda part: [weight for one in part for weight in (one["params"] if isinstance(one, dict) else [one])]
    return {path: [names[id(weight)] for weight in members(part)] for path, part in parts_of(saved, list(state.values())).items()}


def trained_on(state, saved):
    """Where a training goes on from the file and masks the gradients, as torch.nn.utils.prune does, what was pruned stays 0."""
    model = torchModels.Tagger()
    model.load_state_dict(state)
    optimizers = optimizers_of(saved, model)
    zeros = {name: weight == 0 for name, weight in model.named_parameters()}
    model(torch.arange(12).reshape(2, 6)).square().mean().backward()
    for name, weight in model.named_parameters():
        weight.grad[zeros[name]] = 0
    for optimizer in optimizers:
        optimizer.step()
    moved = [name for name, weight in model.named_parameters() if (weight[zeros[name]] != 0).any()]
    held = {weight for optimizer in optimizers for group in optimizer.param_groups for weight in group["params"]}
    still = [name for name, weight in model.named_parameters() if torch.equal(weight, state[name]) and (weight in held or not held)]
    return [f"{name}: what was pruned moves" for name in moved] + [f"{name}: is not trained" for name in still]


def judge(original, pruned, how, sparsity):
    before, after = load(original, how), load(pruned, how)
    old, new = weights_of(before), weights_of(after)
    if "nets" in old:
        old, new = old["nets"][0], new["nets"][0]
    problems = [] if list(old) == list(new) else ["other names"]
    prunable = set()
    for names in layers(old):
        prunable |= set(names)
        size = sum(old[name].numel() for name in names)
        sizes = torch.cat([old[name].flatten() for name in names]).float().abs()
        kept = torch.cat([new[name].flatten() for name in names]).float()
        count = int((kept == 0).sum())
        if count != round(sparsity * size):
            problems.append(f"{names[0]}: {count} of {size} are 0")
        if count and count < size and sizes[kept == 0].max() > sizes[kept != 0].min():
            problems.append(f"{names[0]}: not the smallest")
    for name in old:
        a, b = old[name], new[name]
        if name in prunable:
            a = torch.where(b == 0, torch.zeros((), dtype=a.dtype), a)
            if not torch.equal(a, b) or old[name].stride() != b.stride():
                problems.append(f"{name}: other weights")
        elif not same(a, b):
            problems.append(f"{name}: changed")
        for other in old:
            if (old[name].data_ptr() == old[other].data_ptr()) != (b.data_ptr() == new[other].data_ptr()):
                problems.append(f"{name} and {other} are no longer tied, or tied now")
    if how in ("weights", "legacy"):
        rest = dict(leaves(before))
        names = numbered(new, after)
        for path, value in leaves(after):
            moment = re.search(r"^/(.+)/state/(\d+)/(?!step)", path)
            was = rest[path]
            if moment and names[moment[1]][int(moment[2])] in prunable:
                # A moment of what was pruned is 0, too.
                was = torch.where(new[names[moment[1]][int(moment[2])]] == 0, torch.zeros(()), was)
            if path.split("/")[-1] not in prunable and not same(was, value):
                problems.append(f"{path}: changed")
        if names:
            problems += trained_on(new, after)
    if zipfile.is_zipfile(pruned):
        broken = zipfile.ZipFile(pruned).testzip()
        if broken and "unchecked" not in pruned:
            problems.append(f"{broken}: wrong checksum")
    if how == "script":
        eager = torchModels.Tagger()
        eager.load_state_dict(new)
        tokens = torch.arange(8).reshape(2, 4)
        if not torch.equal(eager.eval()(tokens), after.eval()(tokens)):
            problems.append("the compiled code gives other outputs")
    return problems


with open(sys.argv[1]) as file:
    jobs = json.load(file)
print(json.dumps([judge(job["original"], job["pruned"], job["load"], job["sparsity"]) for job in jobs]))
