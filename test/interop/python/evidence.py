"""evidence.py CASES.json: what data tells of weights, by PyTorch's autograd and NumPy, in float64.

Cases as gradients.py takes them. Prints for each { gradient, squaredGradient, taylor, fisher: by parameter; columnSaliency,
inputNorms: by matrix; units: by layer }, arrays packed as float32. The formulas are those of extension/model/evidence.ts.
"""

import json
import sys

import numpy as np
import torch
from gradients import TORCH_ORDER, by_steps, differentiate, weights_of
from packed import packed, unpacked


def samples_of(case):
    """The same case with one sample after the other."""
    count = next(iter(case["inputs"].values()))["shape"][0]
    for b in range(count):
        inputs = {}
        for name, array in case["inputs"].items():
            inputs[name] = packed(unpacked(array)[b : b + 1])
        yield {**case, "inputs": inputs}


def layer_of(node):
    return node["kernel"].rsplit("/", 1)[0]


def real_steps(values, mask):
    """[..., C] as rows, without masked steps."""
    rows = values.reshape(-1, values.shape[-1])
    return rows if mask is None else rows[np.repeat(mask.reshape(-1) != 0, len(rows) // mask.size)]


def entering(node, values, outputs, mask):
    """The state that enters each step of the samples, masked steps left out: [steps, H]."""
    batch, steps, hidden = outputs.shape
    first = values[node["inputs"][1]] if len(node["inputs"]) > 1 else np.zeros((batch, hidden))
    states = []
    for b in range(batch):
        h = first[b]
        for t in reversed(range(steps)) if node["reverse"] else range(steps):
            if mask is not None and mask[b, t] == 0:
                continue
            states.append(h)
            h = outputs[b, t]
    return np.array(states)


def unprojected(node, parameters, values, mask):
    """What the hidden units put out before their projection, masked steps left out: [steps, H]."""
    weights, further = weights_of(node, parameters)
    hidden = []
    x, *states = (torch.from_numpy(values[name]) for name in node["inputs"])
    with torch.no_grad():
        by_steps(node, weights, x, states, None if mask is None else torch.from_numpy(mask), {**further, "unprojected": hidden})
    # In the order in which the steps were taken.
    rows = torch.stack(hidden[::-1] if node["reverse"] else hidden, 1).numpy()
    return real_steps(rows, mask)


def flows(case, values, parameters):
    """Norms of what matrices are multiplied with, and what layers put out."""
    norms, units, masks = {}, {}, {}

    def norm(rows):
        return np.sqrt((rows**2).mean(0))

    for node in case["nodes"]:
        inputs = [values[name] for name in node["inputs"]]
        name = node.get("mask") or masks.get(node["inputs"][0])
        mask = None if name is None else values[name]
        if name is not None:
            masks[node["outputs"][0]] = name
        if node["op"] in TORCH_ORDER:
            outputs = values[node["outputs"][0]]
            norms[layer_of(node) + "/kernel"] = norm(real_steps(inputs[0], mask))
            norms[layer_of(node) + "/recurrent"] = norm(entering(node, values, outputs, mask))
            h = real_steps(outputs, mask)
            if node.get("projection"):
                h = unprojected(node, parameters, values, mask)
                norms[layer_of(node) + "/projection"] = norm(h)
            units[layer_of(node)] = {
                "meanAbsolute": np.abs(h).mean(0),
                "variance": h.var(0),
                "nearZero": (np.abs(h) < 0.01).mean(0),
            }
        elif node["op"] == "MatMul":
            norms[node["weight"]] = norm(real_steps(inputs[0], mask))
        elif node["op"] == "Gather":
            vocabulary = case["parameters"][node["table"]]["shape"][0]
            counts = np.bincount(inputs[0].astype(int).ravel(), minlength=vocabulary)
            norms[node["table"]] = np.sqrt(counts / counts.sum())
    return norms, units


def judge(case):
    whole, values, _ = differentiate(case)
    singles = [differentiate(one)[0] for one in samples_of(case)]
    weights = {name: parameter.detach().numpy() for name, parameter in whole.items()}
    gradient = {name: parameter.grad.numpy() for name, parameter in whole.items()}
    squared = {name: np.mean([one[name].grad.numpy() ** 2 for one in singles], 0) for name in whole}
    saliency = {}
    for name, w in weights.items():
        if w.ndim == 2:
            # Keras' [in, out]: a row of the array is a column of the matrix, all gates of it together. A projection lies as in PyTorch.
            out = 0 if name.endswith("/projection") else 1
            own = np.mean([np.abs((w * one[name].grad.numpy()).sum(out)) for one in singles], 0)
            saliency[name.replace("recurrent_kernel", "recurrent")] = own
    plain = {name: value.detach().numpy() for name, value in values.items()}
    norms, units = flows(case, plain, whole)
    return {
        "gradient": gradient,
        "squaredGradient": squared,
        "taylor": {name: np.abs(w * gradient[name]) for name, w in weights.items()},
        "fisher": {name: w**2 * squared[name] / 2 for name, w in weights.items()},
        "columnSaliency": saliency,
        "inputNorms": norms,
        "units": units,
    }


def packed_all(value):
    if isinstance(value, dict):
        return {name: packed_all(one) for name, one in value.items()}
    return packed(np.ascontiguousarray(value, np.float32))


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    print(json.dumps([packed_all(judge(case)) for case in cases]))


if __name__ == "__main__":
    main()
