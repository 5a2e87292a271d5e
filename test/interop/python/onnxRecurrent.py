"""onnxRecurrent.py CASES.json: recurrent operators of ONNX by ONNX Runtime.

A case: { op, attributes, inputs: { X, W, R, B, sequence_lens, initial_h, initial_c, P: packed arrays; absent where there is none } },
everything as ONNX has it (time first). Prints for each case [Y, Y_h, and of an LSTM Y_c], packed.
"""

import json
import sys

import numpy as np
import onnxruntime
from onnx import TensorProto, checker, helper
from packed import packed, unpacked

# The inputs of each operator in their order.
INPUTS = {
    "LSTM": ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"],
    "GRU": ["X", "W", "R", "B", "sequence_lens", "initial_h"],
    "RNN": ["X", "W", "R", "B", "sequence_lens", "initial_h"],
}


def compute(case):
    arrays = {name: unpacked(array) for name, array in case["inputs"].items()}
    names = [name if name in arrays else "" for name in INPUTS[case["op"]]]
    while names[-1] == "":
        names.pop()
    outputs = ["Y", "Y_h"] + (["Y_c"] if case["op"] == "LSTM" else [])
    node = helper.make_node(case["op"], names, outputs, **case["attributes"])
    given = [
        helper.make_tensor_value_info(
            name, TensorProto.INT32 if array.dtype == np.int32 else TensorProto.FLOAT, array.shape
        )
        for name, array in arrays.items()
    ]
    made = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * (3 + (name == "Y"))) for name in outputs]
    opset = [helper.make_opsetid("", 22)]
    model = helper.make_model(helper.make_graph([node], "recurrent", given, made), opset_imports=opset, ir_version=10)
    checker.check_model(model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return [packed(array) for array in session.run(outputs, arrays)]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    print(json.dumps([compute(case) for case in cases]))


if __name__ == "__main__":
    main()
