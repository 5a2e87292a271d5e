"""judgeShrunk.py JOBS.json: what Keras computes with masked models and with the same ones shrunk.

A job: { masked, shrunk, data (x0, x1, …) }. Prints [{ difference, largest, warnings, file }]: the largest difference of the outputs, the largest
output, what Keras warned of when it opened the shrunk file, and what else than sizes differs in the file; { opened: [masked, shrunk] } in place of the
first two where it cannot open one of them.
"""

import io
import json
import sys
import warnings

import h5py
import keras
import numpy as np
from compareFiles import differing_attributes, same_type, weights_bytes
from feed import put_out


def opened(path):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            return keras.models.load_model(path), [str(warning.message) for warning in caught]
        except Exception as error:
            return None, [str(error)]


def judge(job):
    keras.backend.clear_session()
    with np.load(job["data"]) as data:
        inputs = [data[name] for name in sorted(data.files) if name.startswith("x")]
    (masked, _), (shrunk, warned) = opened(job["masked"]), opened(job["shrunk"])
    if masked is None or shrunk is None:
        return {"opened": [masked is not None, shrunk is not None], "warnings": warned, "file": compared(job)}
    masked, shrunk = put_out(masked, inputs), put_out(shrunk, inputs)
    return {
        "difference": float(max(np.abs(a - b).max() if a.shape == b.shape else np.inf for a, b in zip(masked, shrunk, strict=True))),
        "largest": float(max(np.abs(a).max() for a in masked)),
        "warnings": warned,
        "file": compared(job),
    }


def compared(job):
    """Groups, datasets, types and attributes; sizes are left to the outputs, and optimizer state is gone."""
    with h5py.File(io.BytesIO(weights_bytes(job["masked"]))) as a, h5py.File(io.BytesIO(weights_bytes(job["shrunk"]))) as b:
        names = [[], []]
        for file, found in zip((a, b), names, strict=True):
            file.visit(found.append)
        kept = [name for name in names[0] if not name.startswith("optimizer")]
        problems = [] if kept == names[1] else [f"objects {sorted(set(kept) ^ set(names[1]))[:5]} on one side only"]
        for name in ["/", *(set(kept) & set(names[1]))]:
            problems += differing_attributes(a[name], b[name], name, True)
            if isinstance(a[name], h5py.Dataset) and not same_type(a[name].id.get_type(), b[name].id.get_type(), True):
                problems.append(f"{name}: type changed")
        return [problem for problem in problems if problem != "/@model_config: value changed"]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        jobs = json.load(file)
    print(json.dumps([judge(job) for job in jobs]))


if __name__ == "__main__":
    main()
