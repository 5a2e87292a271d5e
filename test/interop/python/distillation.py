"""distillation.py CASES.json: losses and gradients of students that learn from a teacher, by PyTorch's autograd, in float64.

A case as gradients.py takes it, without a loss; its parameters are the student's. Beside it: { teacher: the teacher's arrays by name,
output: the value before the head, targets: packed array or null, mask: a value or null, head: what outputs are against the targets,
by: what they are compared with the teacher's as, temperature, mix }. Prints [{ loss, gradients: { name: packed float32 } }].
"""

import json
import sys

import torch
from gradients import compute, tensor
from packed import packed
from torch.distributions import Bernoulli, kl_divergence
from torch.nn import functional


def against_targets(z, y, head):
    if head == "softmax":
        return functional.cross_entropy(z, y.long())
    if head == "sigmoid":
        return functional.binary_cross_entropy_with_logits(z, y)
    return functional.mse_loss(z, y)


def against_teacher(z, t, by, temperature):
    z, t = z / temperature, t / temperature
    if by == "softmax":
        logs = functional.log_softmax(z, -1), functional.log_softmax(t, -1)
        return functional.kl_div(*logs, log_target=True, reduction="batchmean")
    if by == "sigmoid":
        return kl_divergence(Bernoulli(logits=t), Bernoulli(logits=z)).mean()
    return functional.mse_loss(z, t)


def judge(case):
    parameters, values, collectors, _ = compute(case)
    with torch.no_grad():
        _, taught, _, _ = compute({**case, "parameters": case["teacher"]})
    z, t = values[case["output"]], taught[case["output"]]
    y = tensor(case["targets"]) if case["targets"] else None
    if case["mask"]:
        counts = values[case["mask"]] != 0
        z, t, y = z[counts], t[counts], None if y is None else y[counts]
    temperature, mix = case["temperature"], case["mix"]
    loss = against_teacher(z, t, case["by"], temperature)
    if mix is not None:
        loss = (1 - mix) * against_targets(z, y, case["head"]) + mix * temperature**2 * loss
    loss.backward()
    for collect in collectors:
        collect()
    gradients = {name: packed(parameter.grad.float().numpy()) for name, parameter in parameters.items()}
    return {"loss": loss.item(), "gradients": gradients}


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        print(json.dumps([judge(case) for case in json.load(file)]))
