"""hdf5Files.py FOLDER: HDF5 files as Keras and h5py write them. Prints which of them nothing but the library can read."""

import json
import os
import sys

import h5py
import keras
import numpy as np
from keras import layers

folder = sys.argv[1]


def path(name):
    return os.path.join(folder, name)


model = keras.Sequential(
    [
        keras.Input((None, 3)),
        layers.Bidirectional(layers.LSTM(5, return_sequences=True)),
        layers.GRU(4),
        layers.Dropout(0.1, seed=1),
        layers.Dense(2),
    ]
)
model.compile("adam", "mse")
model.fit(np.zeros((2, 4, 3), np.float32), np.zeros((2, 2), np.float32), verbose=0)
model.save(path("model.h5"))
model.save_weights(path("model.weights.h5"))

with h5py.File(path("types.h5"), "w") as file:
    values = np.arange(12, dtype=np.float32).reshape(3, 4) / 7
    for dtype in ("float16", "float32", "float64"):
        file[f"deep/{dtype}"] = values.astype(dtype)
    file["deep/bfloat16"] = values.view(np.uint16)[:, 1::2]
    file["deep/bfloat16"].attrs["dtype"] = "bfloat16"
    file["scalar"] = np.float32(2.5)
    file["integers"] = np.arange(3)
    file["text"] = "words"
    file["texts"] = np.array([b"one", b"three"])
    file.attrs["layer_names"] = [b"a", b"layer"]
    file.attrs["weight_names"] = np.array([], dtype="S1")
    file.attrs["keras_version"] = "3.0.0"
    file.attrs["numbers"] = [1.5, 2]
    file.attrs["text"] = 7

with h5py.File(path("wide.h5"), "w") as file:
    for i in range(700):
        file[f"weights {i}"] = np.array([i, -i], np.float32)
with h5py.File(path("attributes.h5"), "w") as file:
    group = file.create_group("group")
    for i in range(40):
        group.attrs[f"other {i}"] = "x" * 200
    group.attrs["text"] = "größer als ein Byte: 层"
    group.attrs["layer_names"] = ["a", "bcd", ""]
    group.attrs["numbers"] = np.array([-1, 2], np.int16)

beyond = {
    "compressed.h5": {"compression": "gzip"},
    "chunked.h5": {"chunks": (2, 2)},
    "bigEndian.h5": {"dtype": ">f4"},
}
for name, options in beyond.items():
    with h5py.File(path(name), "w") as file:
        file.create_dataset("w", data=values.astype(options.pop("dtype", "float32")), **options)
with h5py.File(path("latest.h5"), "w", libver="latest") as file:
    file["w"] = values
with h5py.File(path("ordered.h5"), "w", track_order=True) as file:
    file["w"] = values
with h5py.File(path("userBlock.h5"), "w", userblock_size=512) as file:
    file["w"] = values
with h5py.File(path("twice.h5"), "w") as file:
    file["w"] = values
    file["again"] = file["w"]
print(json.dumps([*beyond, "latest.h5", "ordered.h5", "userBlock.h5", "twice.h5"]))
