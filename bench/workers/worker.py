"""The Python half of contender.ts: one JSON object a line in, one out."""

import json
import os
import sys
import time

import numpy as np


def tensors_of(folder):
    """The workload's arrays by name, as bench/workload.ts writes them."""
    with open(os.path.join(folder, "index.json"), encoding="utf-8") as file:
        index = json.load(file)
    path = os.path.join(folder, "tensors.bin")
    return {
        entry["name"]: np.fromfile(
            path, entry["dtype"], int(np.prod(entry["shape"])), offset=entry["offset"]
        ).reshape(entry["shape"])
        for entry in index
    }


def best(candidates, tries=5):
    """The candidate (name, step) that is fastest by its best of a few steps; the first step of each is not counted."""

    def seconds(step):
        step()
        times = []
        for _ in range(tries):
            start = time.perf_counter()
            step()
            times.append(time.perf_counter() - start)
        return min(times)

    return min(candidates, key=lambda candidate: seconds(candidate[1]))


def mean_square(outputs):
    return float(np.mean(np.square(np.asarray(outputs, np.float64))))


def serve(versions, prepare):
    """
    Answers until standard input ends. `prepare(configuration, run, tensors)` gives (setting, value, step): what was
    chosen, what the first step computed (loss, or mean square of the outputs), and a function that does one step.
    """
    # Libraries may print; only answers go to the real standard output.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    step = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "hello":
                answer = {"versions": versions}
            elif request["do"] == "prepare":
                step = None
                tensors = tensors_of(request["folder"])
                setting, value, step = prepare(request["configuration"], request["pass"], tensors)
                answer = {"setting": setting, "value": value}
            elif request["do"] == "run":
                start = time.perf_counter()
                for _ in range(request["steps"]):
                    step()
                answer = {"ms": (time.perf_counter() - start) * 1000 / request["steps"]}
            else:
                raise ValueError(f"unknown request {request['do']}")
        except Exception as error:  # the answer says it; the other side decides
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
