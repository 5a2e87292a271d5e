import json
import sys

import h5py
import numpy as np

found = []
with h5py.File(sys.argv[1]) as file:
    for name in file["model_weights"].attrs["layer_names"]:
        group = file["model_weights"][name]
        for weight in group.attrs["weight_names"][:2]:
            for gate in np.split(group[weight][:], 4, 1):
                found.append(np.count_nonzero(gate == 0) / gate.size)
print(json.dumps(found))
