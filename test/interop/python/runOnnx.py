"""Runs the ONNX models of a list with ONNX Runtime: `runOnnx.py LIST OUT`.

LIST is JSON: [{path, inputs: [packed arrays in the order of the model's inputs], batch?: {inputs: [axis], outputs: [axis]}}]; OUT gets
[{outputs: […]} or {error}]. With `batch`, all arrays are batch first whatever axis the batch is in the file. Recurrent nodes with
layout 1, which ONNX Runtime refuses, are run with layout 0 between Transposes.
"""

import json
import sys

import numpy as np
import onnx
import onnxruntime
from packed import packed, unpacked
from timeFirst import has_layout, time_first


def run(case):
    try:
        model = onnx.load(case["path"])
        onnx.checker.check_model(model, full_check=True)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        source = time_first(model).SerializeToString() if has_layout(model) else case["path"]
        session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
        types = {"tensor(float)": np.float32, "tensor(int32)": np.int32, "tensor(int64)": np.int64}
        count = len(session.get_outputs())
        batch = case.get("batch", {"inputs": [0] * len(case["inputs"]), "outputs": [0] * count})
        feeds = {
            value.name: np.moveaxis(unpacked(array).astype(types[value.type]), 0, axis)
            for value, array, axis in zip(session.get_inputs(), case["inputs"], batch["inputs"], strict=True)
        }
        outputs = zip(session.run(None, feeds), batch["outputs"], strict=True)
        return {"outputs": [packed(np.moveaxis(array, axis, 0)) for array, axis in outputs]}
    except Exception as error:  # what is wrong with one model is that one's result
        return {"error": f"{type(error).__name__}: {error}"}


with open(sys.argv[1]) as file:
    cases = json.load(file)
with open(sys.argv[2], "w") as file:
    json.dump([run(case) for case in cases], file)
