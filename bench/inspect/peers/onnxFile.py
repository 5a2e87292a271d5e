import json
import sys

import numpy as np
import onnx
from onnx import numpy_helper

found = []
graph = onnx.load(sys.argv[1]).graph
weights = {tensor.name: tensor for tensor in graph.initializer}
for node in graph.node:
    if node.op_type == "LSTM":
        for name in node.input[1:3]:
            for gate in np.split(numpy_helper.to_array(weights[name])[0], 4):
                found.append(np.count_nonzero(gate == 0) / gate.size)
print(json.dumps(found))
