"""Runs the TensorFlow Lite models of a list: `runTflite.py LIST OUT`.

LIST is JSON: [{path, inputs: [packed], data?, kind?}]; OUT gets [{outputs: packed, loss?}], the loss by the targets y of the data.
"""

import json
import sys
from pathlib import Path

import numpy as np
from packed import packed, unpacked
from tfliteModels import loss_of, outputs_of


def judged(case):
    outputs = outputs_of(Path(case["path"]).read_bytes(), unpacked(case["inputs"][0]))
    result = {"outputs": packed(outputs)}
    if "data" in case:
        result["loss"] = loss_of(case["kind"], outputs, np.load(case["data"])["y"])
    return result


Path(sys.argv[2]).write_text(json.dumps([judged(case) for case in json.loads(Path(sys.argv[1]).read_text())]))
