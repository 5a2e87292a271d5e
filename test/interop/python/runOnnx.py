"""Runs the ONNX models of a list with ONNX Runtime: `runOnnx.py LIST OUT`.

LIST is JSON: [{path, inputs: [packed arrays in the order of the model's inputs]}]; OUT gets [{outputs: […], opset} or {error}].
"""

import json
import sys

import numpy as np
import onnx
import onnxruntime
from packed import packed, unpacked


def run(case):
    try:
        model = onnx.load(case["path"])
        onnx.checker.check_model(model, full_check=True)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(case["path"], options, providers=["CPUExecutionProvider"])
        types = {"tensor(float)": np.float32, "tensor(int32)": np.int32, "tensor(int64)": np.int64}
        feeds = {
            value.name: unpacked(array).astype(types[value.type])
            for value, array in zip(session.get_inputs(), case["inputs"], strict=True)
        }
        return {"outputs": [packed(array) for array in session.run(None, feeds)]}
    except Exception as error:  # what is wrong with one model is that one's result
        return {"error": f"{type(error).__name__}: {error}"}


with open(sys.argv[1]) as file:
    cases = json.load(file)
with open(sys.argv[2], "w") as file:
    json.dump([run(case) for case in cases], file)
