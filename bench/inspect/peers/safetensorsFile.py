import json
import sys

import numpy as np
from safetensors.numpy import load_file

found = []
for name, weight in load_file(sys.argv[1]).items():
    if ".weight_" in name:
        for gate in np.split(weight, 4):
            found.append(np.count_nonzero(gate == 0) / gate.size)
print(json.dumps(found))
