"""judgePruned.py JOBS.json: judges files that our command line pruned; prints one list of problems a job and question.

A job: { original, pruned, report, recipe, data?: { file, x: [names], y } }, where report is what `prune --json` printed. The
answer: [{ keras: [opened the original, opened the pruned], weights: [], masks: [], statistics: [], file: [], loss: [] }].
"""

import json
import sys

import numpy as np
from compareFiles import files_differ
from numpyForward import evaluate
from recurrentLayers import GATES, canonical, from_file, from_keras, opened, pruned


def arrays_of(path, model):
    return from_keras(model) if model else from_file(path)


def stored_arrays(path, layers):
    """The recurrent matrices as the file holds them: of Keras 1 a separate array a gate."""
    matrices = [array for _, arrays in layers for array in arrays[:2]]
    return matrices + [np.ascontiguousarray(values.T) for *_, values in canonical(layers)]


def bits(array):
    return np.ascontiguousarray(array, np.float32).view(np.uint32)


def check_masks(before, after, recipe):
    problems = []
    for wanted, found in zip(pruned(before, recipe), canonical(after), strict=True):
        where = f"layer {wanted[0]}, {('kernel', 'recurrent')[wanted[1]]}, gate {wanted[2]}"
        if ((wanted[3] == 0) != (found[3] == 0)).any():
            problems.append(f"{where}: {((wanted[3] == 0) != (found[3] == 0)).sum()} masks differ from numpy's")
        kept = wanted[3] != 0
        if (bits(wanted[3])[kept] != bits(found[3])[kept]).any():
            problems.append(f"{where}: a kept weight changed")
        if bits(found[3])[~kept].any():
            problems.append(f"{where}: a pruned weight is not +0")
    return problems


def check_other_weights(original, result):
    """Every weight of Keras' model that is no recurrent matrix is as it was."""
    problems = []
    pairs = list(zip(original.weights, result.weights, strict=True))
    for a, b in pairs:
        a_values, b_values = np.asarray(a), np.asarray(b)
        changed = a_values.tobytes() != b_values.tobytes()
        recurrent = a.name in ("kernel", "recurrent_kernel") and "_cell" in a.path
        if changed and not recurrent:
            problems.append(f"{a.path} changed")
        if recurrent and not np.array_equal(np.where(b_values == 0, 0, a_values), b_values):
            problems.append(f"{a.path} is not the original with zeros")
    return problems


def check_statistics(layers, state):
    """Sizes, zeros, sparsity and magnitudes of every gate as reported."""
    problems = []
    if len(layers) != len(state["layers"]):
        return [f"{len(state['layers'])} layers reported, {len(layers)} found"]
    zeros = size = 0
    for (cell, (kernel, recurrent, bias)), layer in zip(layers, state["layers"], strict=True):
        gates = GATES[cell]
        if list(layer["gates"]) != list(gates):
            problems.append(f"{layer['name']}: gates {list(layer['gates'])}")
            continue
        summed = bias.astype(np.float32).sum(0) if bias is not None and bias.ndim == 2 else bias
        for g, gate in enumerate(gates):
            parts = {"kernel": np.split(kernel, len(gates), 1)[g], "recurrent": np.split(recurrent, len(gates), 1)[g]}
            if bias is not None:
                parts["bias"] = np.split(summed, len(gates))[g]
            if set(parts) != set(layer["gates"][gate]):
                problems.append(f"{layer['name']}/{gate}: matrices {list(layer['gates'][gate])}")
                continue
            for matrix, values in parts.items():
                wanted = {
                    "size": values.size,
                    "zeros": int((values == 0).sum()),
                    "sparsity": (values == 0).mean(),
                    "meanAbs": np.abs(values).mean(dtype=np.float64),
                    "maxAbs": np.abs(values).max(),
                }
                for key, value in wanted.items():
                    reported = layer["gates"][gate][matrix][key]
                    if abs(reported - value) > 1e-6 * max(1, abs(value)):
                        problems.append(f"{layer['name']}/{gate}/{matrix}: {key} {reported}, numpy {value}")
        zeros += int((kernel == 0).sum() + (recurrent == 0).sum())
        size += kernel.size + recurrent.size
    if abs(state["sparsity"] - zeros / size) > 1e-12:
        problems.append(f"sparsity {state['sparsity']}, numpy {zeros / size}")
    return problems


def loss_by(path, model, data):
    with np.load(data["file"]) as file:
        x, y = [file[name] for name in data["x"]], file[data["y"]]
    if not model:
        return evaluate(path, x[0], y)["loss"]
    model.run_eagerly = len(y) <= 64  # tracing costs more than a small batch
    loss = model.evaluate(x if len(x) > 1 else x[0], y, batch_size=len(y), verbose=0)
    return loss[0] if isinstance(loss, list) else loss


def check_loss(path, model, data, state, when):
    if data is None:
        return []
    loss = loss_by(path, model, data)
    if state.get("loss") is not None and abs(state["loss"] - loss) <= 1e-5 * abs(loss):
        return []
    return [f"{when}: reported {state.get('loss')}, {'Keras' if model else 'numpy'} {loss}"]


def judge(job):
    original, result, report = job["original"], job["pruned"], job["report"]
    a, b = opened(original), opened(result)
    answer = {"keras": [a is not None, b is not None], "weights": [], "file": []}
    if (a is None) != (b is None):
        return answer
    before, after = arrays_of(original, a), arrays_of(result, b)
    data = job.get("data")
    answer["masks"] = check_masks(before, after, job["recipe"])
    answer["weights"] = check_other_weights(a, b) if a else []
    answer["statistics"] = check_statistics(before, report["before"]) + check_statistics(after, report["after"])
    answer["file"] = files_differ(original, result, stored_arrays(original, before), job["recipe"].get("compress", False))
    answer["loss"] = [
        *check_loss(original, a, data, report["before"], "before"),
        *check_loss(result, b, data, report["after"], "after"),
    ]
    return answer


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        jobs = json.load(file)
    print(json.dumps([judge(job) for job in jobs]))


if __name__ == "__main__":
    main()
