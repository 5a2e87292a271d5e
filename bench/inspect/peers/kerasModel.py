import json
import sys

import keras
import numpy as np

found = []
for layer in keras.saving.load_model(sys.argv[1]).layers:
    for weight in layer.get_weights()[:2]:
        for gate in np.split(weight, 4, 1):
            found.append(np.count_nonzero(gate == 0) / gate.size)
print(json.dumps(found))
