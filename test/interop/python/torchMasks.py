"""torchMasks.py JOBS: what torch.nn.utils.prune masks.

JOBS is a JSON list of { method, amount, n?, dim?, tensors }, tensors as in packed.py; global_unstructured ranks all of them together by L1, other methods
take one. Prints a JSON list that holds each job's masks.
"""

import json
import sys

import numpy as np
import torch
from torch.nn.utils import prune

from packed import packed, unpacked


def module(tensor):
    array = unpacked(tensor)
    owner = torch.nn.Module()
    owner.weight = torch.nn.Parameter(torch.from_numpy(array.copy()))
    return owner


def masks(job):
    owners = [module(tensor) for tensor in job["tensors"]]
    amount, method = job["amount"], job["method"]
    if method == "global_unstructured":
        prune.global_unstructured([(owner, "weight") for owner in owners], prune.L1Unstructured, amount=amount)
    else:
        options = {key: job[key] for key in ("n", "dim") if key in job}
        getattr(prune, method)(owners[0], "weight", amount=amount, **options)
    return [packed(owner.weight_mask.numpy().astype(np.uint8)) for owner in owners]


torch.manual_seed(0)
with open(sys.argv[1]) as file:
    print(json.dumps([masks(job) for job in json.load(file)]))
