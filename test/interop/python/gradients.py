"""gradients.py CASES.json: loss and gradients of graphs by PyTorch's autograd, in float64.

A case: { nodes, parameters: { name: packed array, masks applied }, inputs: { name: packed array } }; a recurrent node says its
cell's sizes and the names of its arrays in Keras' layout. Prints [{ loss, gradients: { name: packed float32 } }].

Recurrent layers are torch.nn's own, packed sequences where they are masked; what torch.nn lacks (GRU with reset before, hard
sigmoid, peepholes, clips) is written out step by step.
"""

import json
import sys

import numpy as np
import torch
from packed import packed, unpacked
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

# Gate blocks in the order of torch.nn, as indices into Keras': i, f, c, o and z, r, h.
TORCH_ORDER = {"LSTM": [0, 1, 2, 3], "GRU": [1, 0, 2], "RNN": [0]}


def tensor(array):
    values = unpacked(array)
    return torch.tensor(values.copy()) if values.dtype == np.int32 else torch.tensor(values.astype(np.float64))


def blocks(array, node):
    """Keras' [in, G·H] as torch's [G·H, in], gates in torch's order; a bias [G·H] likewise."""
    parts = array.chunk(len(TORCH_ORDER[node["op"]]), dim=-1)
    return transposed(torch.cat([parts[gate] for gate in TORCH_ORDER[node["op"]]], -1))


def transposed(array):
    return array.T if array.ndim == 2 else array


def by_module(node, weights, x, states, lengths):
    """All outputs [B, T, H] and the final states by torch.nn.LSTM, GRU or RNN, the reverse half of a bidirectional one."""
    kernel, recurrent, biases, projection = weights
    inputs, outputs = kernel.shape[0], recurrent.shape[0]
    hidden = kernel.shape[1] // len(TORCH_ORDER[node["op"]])
    options = {"batch_first": True, "bidirectional": node["reverse"]}
    if projection is not None:
        options["proj_size"] = outputs
    if node["op"] == "RNN":
        options["nonlinearity"] = node["activation"]["op"].lower()
    module = getattr(torch.nn, node["op"])(inputs, hidden, **options)
    suffix = "_l0_reverse" if node["reverse"] else "_l0"
    zeros = torch.zeros(kernel.shape[1])
    arrays = {"weight_ih": kernel, "weight_hh": recurrent, "bias_ih": biases[0], "bias_hh": biases[1] if len(biases) > 1 else zeros}
    with torch.no_grad():
        for name, array in arrays.items():
            getattr(module, name + suffix).copy_(blocks(array, node))
        if projection is not None:
            getattr(module, "weight_hr" + suffix).copy_(projection)
    if node["reverse"]:
        states = [torch.stack([torch.zeros_like(state), state]) for state in states]
    else:
        states = [state[None] for state in states]
    packed_x = x if lengths is None else pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    y, final = module(packed_x, (states if node["op"] == "LSTM" else states[0]) if states else None)
    if lengths is not None:
        y, _ = pad_packed_sequence(y, batch_first=True, total_length=x.shape[1])
    final = final if node["op"] == "LSTM" else [final]
    if node["reverse"]:
        y = y[..., outputs:]

    def collect():
        """Gradients of the module's own parameters, back in Keras' layout."""
        for name, array in arrays.items():
            gradient = getattr(module, name + suffix).grad
            if array.requires_grad and gradient is not None:
                parts = transposed(gradient).chunk(len(TORCH_ORDER[node["op"]]), dim=-1)
                order = TORCH_ORDER[node["op"]]
                back = torch.cat([parts[order.index(gate)] for gate in range(len(order))], -1)
                array.backward(back)
        if projection is not None:
            projection.backward(getattr(module, "weight_hr" + suffix).grad)

    return y, [state[-1] for state in final], collect


def activation(spec):
    if spec["op"] == "HardSigmoid":
        return lambda x: torch.clamp(spec["alpha"] * x + spec["beta"], 0, 1)
    return {"Tanh": torch.tanh, "Sigmoid": torch.sigmoid, "Relu": torch.relu}[spec["op"]]


def clipped(x, limit):
    return x if limit is None else torch.clamp(x, -limit, limit)


def lstm_step(node, sums, c, gate, act, further):
    """h and c from the gates' sums by name: with peepholes (Gers et al. 2002), coupled gates, clips and a projection (Sak et al. 2014)."""
    peepholes = dict(zip("ifo", further["peephole"].chunk(3), strict=True)) if "peephole" in further else {}

    def gated(name, cell):
        return gate(clipped(sums[name] + peepholes.get(name, torch.zeros(1)) * cell, node.get("clip")))

    i = gated("i", c) if "i" in sums else 1 - gated("f", c)
    f = 1 - i if node.get("inputForget") else gated("f", c)
    cell = clipped(f * c + i * act(clipped(sums["c"], node.get("clip"))), node.get("cellClip"))
    last = activation(node["outputActivation"]) if node.get("outputActivation") else act
    h = gated("o", cell) * last(cell)
    if "projection" in further:
        further.get("unprojected", []).append(h)
        h = clipped(h @ further["projection"].T + further.get("projectionBias", 0), node.get("projectionClip"))
    return [h, cell]


def by_steps(node, weights, x, states, mask, further):
    """The same, written out (Keras' formulas)."""
    kernel, recurrent, biases, _ = weights
    gate, act = activation(node["gateActivation"]), activation(node["activation"])
    hidden = kernel.shape[1] // len(node["gates"])
    widths = [len(recurrent), hidden] if node["op"] == "LSTM" else [hidden]
    states = list(states) or [torch.zeros(len(x), width) for width in widths]
    outputs = [None] * x.shape[1]
    for t in reversed(range(x.shape[1])) if node["reverse"] else range(x.shape[1]):
        h = states[0]
        if node["op"] == "LSTM":
            sums = (x[:, t] @ kernel + h @ recurrent + sum(biases)).chunk(len(node["gates"]), -1)
            new = lstm_step(node, dict(zip(node["gates"], sums, strict=True)), states[1], gate, act, further)
        elif node["op"] == "GRU":
            xz, xr, xh = (x[:, t] @ kernel + biases[0]).chunk(3, -1)
            rz, rr, rh = recurrent.chunk(3, -1)
            bz, br, bh = biases[1].chunk(3, -1) if len(biases) > 1 else [0, 0, 0]
            z = gate(clipped(xz + h @ rz + bz, node.get("clip")))
            r = gate(clipped(xr + h @ rr + br, node.get("clip")))
            inner = r * (h @ rh + bh) if node["linearBeforeReset"] else (r * h) @ rh + bh
            new = [z * h + (1 - z) * act(clipped(xh + inner, node.get("clip")))]
        else:
            new = [act(clipped(x[:, t] @ kernel + h @ recurrent + sum(biases), node.get("clip")))]
        if mask is not None:
            new = [torch.where(mask[:, t : t + 1] != 0, n, s) for n, s in zip(new, states, strict=True)]
        states, outputs[t] = new, new[0]
    return torch.stack(outputs, 1), states, lambda: None


def in_torch(node):
    plain = node["gateActivation"]["op"] == "Sigmoid" and (node["op"] == "RNN" or node["activation"]["op"] == "Tanh")
    beyond = ["peephole", "projectionBias", "clip", "cellClip", "projectionClip", "inputForget", "outputActivation"]
    plain = plain and not any(node.get(key) for key in beyond) and (node["op"] != "LSTM" or len(node["gates"]) == 4)
    return plain and not (node["op"] == "GRU" and not node["linearBeforeReset"])


def weights_of(node, parameters):
    """Kernel, recurrent kernel, biases and projection of a recurrent node, and by name what it has besides."""
    bias = [parameters[node["bias"]]] if node["bias"] else [torch.zeros(parameters[node["kernel"]].shape[1])]
    if node["biases"] == 2:
        bias = list(bias[0].chunk(2))
    further = {key: parameters[node[key]] for key in ["peephole", "projection", "projectionBias"] if node.get(key)}
    return (parameters[node["kernel"]], parameters[node["recurrent"]], bias, further.get("projection")), further


def recurrent_node(node, parameters, values):
    weights, further = weights_of(node, parameters)
    x, *states = (values[name] for name in node["inputs"])
    mask = values[node["mask"]] if node.get("mask") else None
    if in_torch(node):
        lengths = None if mask is None else mask.sum(1).long()
        return by_module(node, weights, x, states, lengths)
    return by_steps(node, weights, x, states, mask, further)


def loss_of(node, values):
    outputs, targets = (values[name] for name in node["inputs"])
    if node.get("mask"):
        counts = values[node["mask"]] != 0
        outputs, targets = outputs[counts], targets[counts]
    if node["loss"]["name"] == "mean_squared_error":
        return functional.mse_loss(outputs, targets)
    if node["loss"]["name"] == "categorical_crossentropy":
        return functional.cross_entropy(outputs, targets)
    return functional.cross_entropy(outputs.reshape(-1, outputs.shape[-1]), targets.reshape(-1).long())


def compute(case):
    """Parameters, all values, what collects the gradients behind a way back, and the loss."""
    parameters = {name: tensor(array).requires_grad_() for name, array in case["parameters"].items()}
    values = {name: tensor(array) for name, array in case["inputs"].items()}
    collectors = []
    loss = torch.zeros(())
    for node in case["nodes"]:
        if node["op"] in TORCH_ORDER:
            sequence, final, collect = recurrent_node(node, parameters, values)
            collectors.append(collect)
            outputs = [sequence, final[0], *final]
        elif node["op"] == "MatMul":
            outputs = [values[node["inputs"][0]] @ parameters[node["weight"]] + parameters[node["bias"]]]
        elif node["op"] == "Gather":
            outputs = [functional.embedding(values[node["inputs"][0]].long(), parameters[node["table"]])]
        elif node["op"] == "Concat":
            outputs = [torch.cat([values[name] for name in node["inputs"]], node["axis"])]
        elif node["op"] == "Scale":
            outputs = [node["factor"] * values[node["inputs"][0]]]
        else:
            outputs = [loss_of(node, values)]
            loss = loss + node.get("factor", 1) * outputs[0]
        values.update(zip(node["outputs"], outputs, strict=False))
    return parameters, values, collectors, loss


def differentiate(case):
    """Parameters with their gradients, all values, and the loss."""
    parameters, values, collectors, loss = compute(case)
    loss.backward()
    for collect in collectors:
        collect()
    return parameters, values, loss


def judge(case):
    parameters, _, loss = differentiate(case)
    gradients = {name: packed(parameter.grad.float().numpy()) for name, parameter in parameters.items()}
    return {"loss": loss.item(), "gradients": gradients}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    print(json.dumps([judge(case) for case in cases]))


if __name__ == "__main__":
    main()
