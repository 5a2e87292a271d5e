"""Files that hold the state of an optimizer, and what their owners make of them once they were pruned.

`optimizerFiles.py make FOLDER` writes FOLDER/NAME.keras, NAME.h5 of Keras 3 and keras2_NAME.h5 of Keras 2, each trained for some steps, and data.npz.
`optimizerFiles.py judge JOBS`: JOBS is JSON: [path]. Prints [{ steps, moments, loss, warnings } or { error }]: the steps that the optimizer has taken
and the sum of its moments' magnitudes when the model is loaded compiled, and the loss of one more step.
"""

import json
import sys
import warnings
from pathlib import Path

import h5py
import keras
import numpy as np
import tensorflow.python.keras as keras2
from keras.src.legacy.saving import legacy_h5_format
from tensorflow.python.keras.layers import core
from tensorflow.python.keras.layers.recurrent import LSTM
from tensorflow.python.keras.models import Sequential as Sequential2
from tensorflow.python.keras.models import load_model as load_model2
from tensorflow.python.keras.optimizer_v2 import adam as adam2
from tensorflow.python.keras.optimizer_v2 import rmsprop as rmsprop2

# The copy has lost its version, which files carry.
keras2.__version__ = "2.6.0"
T, F, H, BATCH, STEPS = 5, 3, 8, 8, 3
OPTIMIZERS = {
    "adam": lambda: keras.optimizers.Adam(0.01),
    "amsgrad": lambda: keras.optimizers.AdamW(0.01, amsgrad=True),
    "sgd": lambda: keras.optimizers.SGD(0.01, momentum=0.9),
    "rmsprop": lambda: keras.optimizers.RMSprop(0.01, momentum=0.5, centered=True),
}
OPTIMIZERS2 = {
    "adam": lambda: adam2.Adam(0.01),
    "rmsprop": lambda: rmsprop2.RMSprop(0.01, momentum=0.5),
}


def data():
    random = np.random.default_rng(4)
    return random.normal(size=(BATCH * STEPS, T, F)).astype(np.float32), random.normal(size=(BATCH * STEPS, 2)).astype(np.float32)


def make(folder):
    x, y = data()
    np.savez(folder / "data.npz", x=x, y=y)
    for name, optimizer in OPTIMIZERS.items():
        keras.utils.set_random_seed(5)
        model = keras.Sequential(
            [
                keras.Input((T, F)),
                keras.layers.LSTM(H, return_sequences=True, name="first"),
                keras.layers.LSTM(H, return_sequences=True, name="middle"),
                keras.layers.LSTM(H, name="last"),
                keras.layers.Dense(2),
            ]
        )
        trained(model, optimizer(), x, y)
        for ending in ("keras", "h5"):
            model.save(folder / f"{name}.{ending}")
    for name, optimizer in OPTIMIZERS2.items():
        model = Sequential2(
            [
                LSTM(H, return_sequences=True, name="first", input_shape=(T, F)),
                LSTM(H, return_sequences=True, name="middle"),
                LSTM(H, name="last"),
                core.Dense(2),
            ]
        )
        trained(model, optimizer(), x, y)
        model.save(folder / f"keras2_{name}.h5")


def trained(model, optimizer, x, y):
    model.compile(optimizer=optimizer, loss="mean_squared_error")
    for at in range(0, len(x), BATCH):
        model.train_on_batch(x[at : at + BATCH], y[at : at + BATCH])


def restored(model, path):
    """Keras 3.15 builds the optimizer of its .h5 files over no weights at all, so that it cannot train; this is what it means to do."""
    with h5py.File(path) as file:
        if "optimizer_weights" not in file:
            return
        stored = [value[()] for value in legacy_h5_format.load_optimizer_weights_from_hdf5_group(file)]
    optimizer = type(model.optimizer).from_config(model.optimizer.get_config())
    optimizer.build(model.trainable_variables)
    if len(stored) != len(optimizer.variables):
        raise ValueError(f"{len(stored)} arrays of the optimizer's {len(optimizer.variables)}")
    optimizer.load_own_variables({str(i): value for i, value in enumerate(stored)})
    model.compile(optimizer=optimizer, loss="mean_squared_error")


def judge(path):
    is2 = Path(path).name.startswith("keras2_")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            model = load_model2(path, compile=True) if is2 else keras.models.load_model(path, compile=True)
            if not is2 and path.endswith(".h5"):
                restored(model, path)
            optimizer = model.optimizer
            slots = [np.asarray(slot) for slot in (optimizer.weights if is2 else optimizer.variables)]
            # Counters have no axes.
            moments = float(sum(np.abs(slot).sum() for slot in slots if slot.ndim > 0))
            found = {"steps": int(np.asarray(optimizer.iterations)), "moments": moments}
            x, y = data()
            found["loss"] = float(model.train_on_batch(x[:BATCH], y[:BATCH]))
            found["again"] = float(model.train_on_batch(x[:BATCH], y[:BATCH]))
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}"}
    return found | {"warnings": [str(warning.message) for warning in caught]}


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]))
    else:
        print(json.dumps([judge(path) for path in json.loads(Path(sys.argv[2]).read_text())]))
