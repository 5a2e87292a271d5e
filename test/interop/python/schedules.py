"""schedules.py: what tensorflow_model_optimization's pruning schedules say at every step, by their documented formulas.

tfmot does not install beside Keras 3, so its two rules are written down here anew. A pruning step is due when
begin <= step <= end and frequency divides step - begin. ConstantSparsity asks for `final` then; PolynomialDecay for

    (initial - final) * (1 - p) ** power + final,   p = (step - begin) / (end - begin) clipped to 0...1.

Prints a JSON list of { options, steps: [[is due, sparsity], ...] }.
"""

import json

steps = 400
cases = [
    {"schedule": "polynomial", "initialSparsity": 0.0, "final": 0.9, "begin": 0, "end": 200, "frequency": 10, "power": 3},
    {"schedule": "polynomial", "initialSparsity": 0.5, "final": 0.8, "begin": 50, "end": 350, "frequency": 100, "power": 3},
    {"schedule": "polynomial", "initialSparsity": 0.2, "final": 0.95, "begin": 7, "end": 300, "frequency": 13, "power": 1},
    {"schedule": "polynomial", "initialSparsity": 0.1, "final": 0.6, "begin": 3, "end": 43, "frequency": 1, "power": 2.5},
    {"schedule": "constant", "final": 0.75, "begin": 20, "end": 320, "frequency": 50},
    {"schedule": "constant", "final": 0.5, "begin": 0, "end": 399, "frequency": 7},
]


def due(step, begin, end, frequency):
    return begin <= step <= end and (step - begin) % frequency == 0


def sparsity(case, step):
    if case["schedule"] == "constant":
        return case["final"]
    p = min(1.0, max(0.0, (step - case["begin"]) / (case["end"] - case["begin"])))
    return (case["initialSparsity"] - case["final"]) * (1 - p) ** case["power"] + case["final"]


print(json.dumps([
    {
        "options": {key: value for key, value in case.items() if key != "final"},
        "final": case["final"],
        "steps": [
            [due(step, case["begin"], case["end"], case["frequency"]), sparsity(case, step)] for step in range(steps)
        ],
    }
    for case in cases
]))
