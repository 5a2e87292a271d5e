"""judgeRemoved.py JOBS.json: what Keras makes of files from which layers were removed.

A job: { written, own (the file that Keras itself writes of the model without the layers), data (x0, y) }. Prints [{ opened: [own, written],
difference, largest, layers, warnings, file }]: whether Keras opens them, the largest difference from the outputs of the model that Keras builds without
the layers, the largest output, the names of the layers of both, what Keras warned of, and what differs between the files of weights.
"""

import io
import json
import sys

import h5py
import keras
import numpy as np
from compareFiles import same_values, weights_bytes
from feed import put_out
from judgeShrunk import opened


def judge(job):
    keras.backend.clear_session()
    (own, _), (written, warned) = opened(job["own"]), opened(job["written"])
    result = {"opened": [own is not None, written is not None], "warnings": warned, "file": compared(job)}
    if own is None or written is None:
        return result
    with np.load(job["data"]) as data:
        (output,), expected = put_out(written, [data["x0"]]), data["y"]
    return result | {
        "difference": float(np.abs(output - expected).max()) if output.shape == expected.shape else None,
        "largest": float(np.abs(expected).max()),
        "layers": [[layer.name for layer in model.layers] for model in (own, written)],
    }


def compared(job):
    """Groups, datasets, attributes that list names, and values, beside optimizer state."""
    with h5py.File(io.BytesIO(weights_bytes(job["own"]))) as a, h5py.File(io.BytesIO(weights_bytes(job["written"]))) as b:
        x, y = contents(a), contents(b)
        problems = [f"{name} on one side only" for name in sorted(set(x) ^ set(y))]
        return problems + [f"{name} differs" for name in sorted(set(x) & set(y)) if not same_values(x[name], y[name])]


def contents(file):
    found = {}

    def visit(name, item):
        if name.startswith("optimizer"):
            return
        found[name] = item[()] if isinstance(item, h5py.Dataset) else 0
        found.update({f"{name}@{key}": value for key, value in item.attrs.items()})

    file.visititems(visit)
    return found


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        jobs = json.load(file)
    print(json.dumps([judge(job) for job in jobs]))


if __name__ == "__main__":
    main()
