"""subclassed.py FOLDER: archives of models that are subclasses, and Keras' two containers under each other's names; prints their names.
subclassed.py judge ORIGINAL PRUNED …: loads both, and prints for each pair what is wrong with the second, of which each gate should have lost
SHARE of its weights, the smallest, and its loss on the data of the folder.
"""

import json
import shutil
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
from keras import layers as L
from weightFiles import pruned, randomise

T, F = 5, 3


@keras.saving.register_keras_serializable("tests")
class Tagger(keras.Model):
    def __init__(self, units=6, **options):
        super().__init__(**options)
        self.units = units
        self.reader = L.Bidirectional(L.LSTM(units, return_sequences=True))
        self.steps = [L.GRU(4, return_sequences=True), L.SimpleRNN(3)]
        self.head = L.Dense(1)

    def call(self, x):
        x = self.reader(x)
        for step in self.steps:
            x = step(x)
        return self.head(x)

    def get_config(self):
        return {"units": self.units}


@keras.saving.register_keras_serializable("tests")
class Model(keras.Model):
    """Has the name of a class of Keras, and says nothing of how it is made."""

    def __init__(self, **options):
        super().__init__(**options)
        self.inner = keras.Sequential([L.LSTM(4, return_sequences=True), L.Dropout(0.2), L.LSTM(3)])
        self.head = L.Dense(1)

    def call(self, x):
        return 2 * self.head(self.inner(x))


@keras.saving.register_keras_serializable("tests")
class Stack(keras.Sequential):
    def call(self, x, **options):
        return -super().call(x, **options)


def stack():
    return Stack([keras.Input((T, F)), L.GRU(5), L.Dense(1)])


@keras.saving.register_keras_serializable("tests")
class Encoder(L.Layer):
    """A layer that makes a recurrent one."""

    def __init__(self, **options):
        super().__init__(**options)
        self.reader = L.LSTM(5, return_sequences=True)
        self.turned = L.Dense(4)

    def build(self, shape):
        self.reader.build(shape)
        self.turned.build((None, None, 5))
        super().build(shape)

    def call(self, x):
        return self.turned(self.reader(x))


@keras.saving.register_keras_serializable("tests")
class Twice(L.Layer):
    """Two kernels and no recurrent layer."""

    def __init__(self, **options):
        super().__init__(**options)
        self.first, self.second = L.Dense(4), L.Dense(3)

    def build(self, shape):
        self.first.build(shape)
        self.second.build((None, None, 4))
        super().build(shape)

    def call(self, x):
        return self.second(self.first(x))


def with_layer(own):
    """A model of layers, of which one is its author's own, in front of a GRU."""
    x = keras.Input((T, F))
    return keras.Model(x, L.Dense(1)(L.GRU(4)(own()(x))))


def layers():
    return keras.Sequential([keras.Input((T, F)), L.LSTM(6, return_sequences=True), L.GRU(4), L.Dense(1)])


CASES = {"tagger.keras": Tagger, "tagger.h5": Tagger, "model.keras": Model, "stack.keras": stack, "hdf5.keras": layers, "archive.h5": layers}
CASES |= {f"{own.__name__.lower()}.{ending}": lambda own=own: with_layer(own) for own in (Encoder, Twice) for ending in ("keras", "h5")}


def make(folder, name, build, x, y):
    keras.utils.set_random_seed(4)
    model = build()
    model.compile("adam", "mse")
    model.fit(x, y, verbose=0)
    randomise(model)
    # Keras itself goes by the name.
    inside = {"hdf5.keras": "inside.h5", "archive.h5": "inside.keras"}.get(name, name)
    model.save(folder / inside)
    if inside != name:
        (folder / inside).rename(folder / name)


def loaded(path):
    keras.backend.clear_session()
    if path.endswith("tagger.h5") or "tagger.pruned" in path and path.endswith(".h5"):
        model = Tagger()  # Keras cannot load it whole, as it does not know its input
        model(np.zeros((1, T, F), np.float32))
        model.load_weights(path)
        return model
    ending = "keras" if zipfile.is_zipfile(path) else "h5"
    copy = Path(path).with_name(f"copy.{ending}")
    shutil.copy(path, copy)
    return keras.models.load_model(copy, compile=False)


def judge(original, result, x, y):
    model = loaded(original)
    expected = [np.asarray(weight) for weight in model.weights]
    kernels = [i for i, weight in enumerate(model.weights) if "recurrent_kernel" in weight.path]
    for i in kernels:
        expected[i - 1], expected[i] = pruned(expected[i - 1], expected[i])
    model.set_weights(expected)
    outputs = model.predict(x, verbose=0)
    found = loaded(result)
    problems = [] if kernels else ["no recurrent layer"]
    for weight, wanted in zip(found.weights, expected, strict=True):
        if np.asarray(weight).tobytes() != wanted.tobytes():
            problems.append(f"{weight.path}: {np.count_nonzero(np.asarray(weight) != wanted)} of {wanted.size} values differ")
    if not np.array_equal(found.predict(x, verbose=0), outputs):
        problems.append("other outputs")
    return {"problems": problems, "loss": float(np.mean((outputs - y) ** 2))}


def main():
    if sys.argv[1] == "judge":
        pairs = [*zip(sys.argv[2::2], sys.argv[3::2], strict=True)]
        data = np.load(Path(pairs[0][0]).with_name("data.npz"))
        print(json.dumps([judge(*pair, data["x_test"], data["y_test"]) for pair in pairs]))
        return
    folder = Path(sys.argv[1])
    random = np.random.default_rng(1)
    x, y = random.standard_normal((20, T, F)).astype(np.float32), random.standard_normal((20, 1)).astype(np.float32)
    np.savez(folder / "data.npz", x_test=x, y_test=y)
    for name, build in CASES.items():
        make(folder, name, build, x, y)
    print(json.dumps([*CASES]))


if __name__ == "__main__":
    main()
