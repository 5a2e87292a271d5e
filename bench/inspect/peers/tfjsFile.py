import json
import os
import sys

import numpy as np

found = []
with open(sys.argv[1]) as file:
    manifest = json.load(file)["weightsManifest"]
for group in manifest:
    folder = os.path.dirname(sys.argv[1])
    data = b"".join(open(os.path.join(folder, path), "rb").read() for path in group["paths"])
    at = 0
    for entry in group["weights"]:
        size = int(np.prod(entry["shape"]))
        if len(entry["shape"]) == 2:
            for gate in np.split(np.frombuffer(data, np.float32, size, at).reshape(entry["shape"]), 4, 1):
                found.append(np.count_nonzero(gate == 0) / gate.size)
        at += 4 * size
print(json.dumps(found))
