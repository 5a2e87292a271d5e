"""judgeShrunk.py JOBS.json: what Keras computes with masked models and with the same ones shrunk.

A job: { masked, shrunk, data (x0, x1, …) }. Prints [{ difference, largest, warnings }]: the largest difference of the outputs, the largest output,
and what Keras warned of when it opened the shrunk file; { opened: [masked, shrunk] } where it cannot open one of them.
"""

import json
import sys
import warnings

import keras
import numpy as np


def opened(path):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            return keras.models.load_model(path), [str(warning.message) for warning in caught]
        except Exception as error:
            return None, [str(error)]


def outputs(model, feed):
    found = model(feed, training=False)
    found = found if isinstance(found, list) else [found]
    return [np.asarray(out, np.float32) for out in found]


def judge(job):
    keras.backend.clear_session()
    with np.load(job["data"]) as data:
        inputs = [data[name] for name in sorted(data.files) if name.startswith("x")]
    feed = inputs if len(inputs) > 1 else inputs[0]
    (masked, _), (shrunk, warned) = opened(job["masked"]), opened(job["shrunk"])
    if masked is None or shrunk is None:
        return {"opened": [masked is not None, shrunk is not None], "warnings": warned}
    masked, shrunk = outputs(masked, feed), outputs(shrunk, feed)
    return {
        "difference": float(max(np.abs(a - b).max() if a.shape == b.shape else np.inf for a, b in zip(masked, shrunk, strict=True))),
        "largest": float(max(np.abs(a).max() for a in masked)),
        "warnings": warned,
    }


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        jobs = json.load(file)
    print(json.dumps([judge(job) for job in jobs]))


if __name__ == "__main__":
    main()
