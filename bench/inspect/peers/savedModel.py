import json
import sys

import numpy as np
import tensorflow as tf

found = []
reader = tf.train.load_checkpoint(f"{sys.argv[1]}/variables/variables")
for name, shape in reader.get_variable_to_shape_map().items():
    if name.startswith("variables/") and len(shape) == 2:
        for gate in np.split(reader.get_tensor(name), 4, 1):
            found.append(np.count_nonzero(gate == 0) / gate.size)
print(json.dumps(found))
