"""otherFiles.py FOLDER: files of weights of which an array lies in other.bin, by external storage, or in other.h5, as a virtual dataset or by a link."""

import sys
from pathlib import Path

import h5py
import numpy as np

folder = Path(sys.argv[1])
I, H = 3, 2
arrays = {"0": (I, 4 * H), "1": (H, 4 * H), "2": (4 * H,)}
vars_group = "layers/lstm/cell/vars"
(folder / "other.bin").write_bytes(np.ones(H * 4 * H, np.float32).tobytes())
with h5py.File(folder / "other.h5", "w") as other:
    other["values"] = np.ones(arrays["1"], np.float32)
for kind in ("external", "virtual", "link"):
    with h5py.File(folder / f"{kind}.weights.h5", "w") as file:
        group = file.create_group(vars_group)
        for name in ("0", "2"):
            group[name] = np.ones(arrays[name], np.float32)
        if kind == "external":
            group.create_dataset("1", arrays["1"], "f4", external=[(str(folder / "other.bin"), 0, h5py.h5f.UNLIMITED)])
        elif kind == "virtual":
            layout = h5py.VirtualLayout(arrays["1"], "f4")
            layout[:] = h5py.VirtualSource(str(folder / "other.h5"), "values", arrays["1"])
            group.create_virtual_dataset("1", layout)
        else:
            group["1"] = h5py.ExternalLink(str(folder / "other.h5"), "/values")
