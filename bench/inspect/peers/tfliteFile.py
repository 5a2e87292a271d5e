import json
import sys

import numpy as np
import tensorflow as tf

found = []
interpreter = tf.lite.Interpreter(sys.argv[1])
for operator in interpreter._get_ops_details():
    for index in operator["inputs"][1:9]:
        weight = interpreter.get_tensor(index)
        found.append(np.count_nonzero(weight == 0) / weight.size)
print(json.dumps(found))
