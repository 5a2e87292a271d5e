import json
import sys

import h5py
import numpy as np

found = []
with h5py.File(sys.argv[1]) as file:
    for layer in file["layers"].values():
        for weight in "01":
            for gate in np.split(layer["cell/vars"][weight][:], 4, 1):
                found.append(np.count_nonzero(gate == 0) / gate.size)
print(json.dumps(found))
