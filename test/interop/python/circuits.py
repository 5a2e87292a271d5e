"""circuits.py MODEL.h5 OUT.npz: random inputs and targets for a circuitrnn model, and what Keras 3 computes on them.

Keras 3 refuses these files of tf.keras 2.3: for the argument `time_major`, which is False in them, and for the way in which
they give the input's shape. The layers made here put both right. Prints { inputs, keras }; OUT.npz holds x_test and y_test.
"""

import json
import sys

import keras
import numpy as np
from packed import packed


def tolerant(layer):
    class Tolerant(layer):
        def __init__(self, *args, time_major=False, **kwargs):
            assert not time_major
            for name in ("input_shape", "batch_input_shape"):
                if name in kwargs:
                    kwargs["input_shape"] = tuple(kwargs.pop(name))[-2:]
            super().__init__(*args, **kwargs)

    return Tolerant


def main():
    path, out = sys.argv[1:]
    layers = {"LSTM": tolerant(keras.layers.LSTM), "GRU": tolerant(keras.layers.GRU)}
    model = keras.models.load_model(path, custom_objects=layers, compile=False)
    random = np.random.default_rng(8)
    x = random.uniform(-1, 1, (16, *model.input_shape[1:])).astype(np.float32)
    y = np.asarray(model(x, training=False))
    np.savez(out, x_test=x, y_test=(y + random.normal(0, 0.1, y.shape)).astype(np.float32))
    print(json.dumps({"inputs": packed(x), "keras": packed(y)}))


if __name__ == "__main__":
    main()
