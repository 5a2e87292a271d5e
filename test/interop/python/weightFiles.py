"""weightFiles.py FOLDER: files of weights alone, of models of Keras 3 and of TensorFlow's copy of Keras 2; prints their names.
weightFiles.py judge ORIGINAL PRUNED …: loads both into the model they are of, by load_weights, and prints for each pair what is wrong with the second,
of which each gate should have lost SHARE of its weights, the smallest.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow.python.keras as keras2
from keras import layers as L
from tensorflow.python.keras.engine.input_layer import Input as Input2
from tensorflow.python.keras.engine.training import Model as Model2
from tensorflow.python.keras.layers import convolutional_recurrent, core, recurrent

SHARE = 0.6
T, F = 5, 3
keras2.__version__ = "2.6.0"  # the copy has lost its version, which files carry


def everything():
    """Every kind of layer, nested and wrapped, with optimizer state and what is no weight."""
    x = keras.Input((T, F))
    y = L.Normalization()(x)
    y = L.LSTM(4, return_sequences=True, name="encoder")(y)
    y = L.Bidirectional(L.GRU(5, return_sequences=True), name="both")(y)
    inner = keras.Sequential([keras.Input((T, 10)), L.SimpleRNN(3, return_sequences=True), L.Dropout(0.1), L.Dense(2)])
    y = inner(y)
    y = L.RNN([L.LSTMCell(4), L.GRUCell(3)], return_sequences=True)(y)
    y = L.GRU(4, reset_after=False, return_sequences=True)(y)
    y = L.TimeDistributed(L.Dense(4, use_bias=False))(y)
    y = L.LSTM(6, use_bias=False)(y)
    model = keras.Model(x, L.Dense(1)(y))
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def convolutions():
    x = keras.Input((4, 8, 2))
    y = L.ConvLSTM1D(3, 2, return_sequences=True)(x)
    y = L.Reshape((4, 7, 3, 1))(y)
    y = L.ConvLSTM2D(2, (3, 2), return_sequences=True)(y)
    y = L.Reshape((4, 5, 2, 2, 1))(y)
    y = L.ConvLSTM3D(2, (2, 1, 2))(y)
    return keras.Model(x, L.Dense(2)(L.Flatten()(y)))


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.reader = L.LSTM(5)
        self.heads = [L.Dense(1), L.Dense(2)]

    def call(self, x):
        return [head(self.reader(x)) for head in self.heads]


def subclassed():
    model = Subclassed()
    model(np.zeros((1, T, F), np.float32))
    return model


def half():
    keras.config.set_dtype_policy("bfloat16")
    try:
        return keras.Sequential([keras.Input((T, F)), L.LSTM(4, recurrent_initializer="glorot_uniform"), L.Dense(1)])
    finally:
        keras.config.set_dtype_policy("float32")


def keras2_stack():
    x = Input2((T, F))
    y = recurrent.LSTM(4, return_sequences=True, name="first")(x)
    y = recurrent.GRU(5, return_sequences=True, reset_after=True)(y)
    y = recurrent.GRU(3, return_sequences=True)(y)
    y = recurrent.SimpleRNN(4, return_sequences=True)(y)
    y = recurrent.LSTM(3, use_bias=False)(y)
    return Model2(x, core.Dense(2)(y))


def keras2_nested():
    x = Input2((T, 4))
    inner = Model2(x, recurrent.GRU(3, return_sequences=True)(core.Dense(4)(recurrent.LSTM(4, return_sequences=True)(x))))
    y = Input2((T, F))
    return Model2(y, recurrent.LSTM(2)(inner(recurrent.SimpleRNN(4, return_sequences=True)(y))))


def keras2_convolution():
    x = Input2((4, 6, 5, 2))
    return Model2(x, core.Dense(2)(core.Flatten()(convolutional_recurrent.ConvLSTM2D(3, (3, 2))(x))))


CASES = {
    "everything.weights.h5": everything,
    "shards/everything.weights.json": everything,
    "convolutions.weights.h5": convolutions,
    "subclassed.weights.h5": subclassed,
    "half.weights.h5": half,
    "keras2_stack.h5": keras2_stack,
    "keras2_nested.hdf5": keras2_nested,
    "keras2_convolution.h5": keras2_convolution,
}


def weights_of(model):
    """Names and values, the same for all models of a case."""
    return [(weight.name, np.asarray(weight.numpy()).astype(np.float32)) for weight in model.weights]


def randomise(model):
    random = np.random.default_rng(4)
    for weight in model.weights:
        if np.issubdtype(np.asarray(weight.numpy()).dtype, np.integer):
            continue
        weight.assign(random.normal(0, 0.5, tuple(weight.shape)).astype(np.float32))


def make(folder, name, build):
    keras.backend.clear_session()
    model = build()
    randomise(model)
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    if name.endswith(".json"):
        model.save_weights(path, max_shard_size=1e-6)  # of a kilobyte each
    elif build.__name__.startswith("keras2"):
        model.save_weights(str(path), save_format="h5")
    else:
        model.save_weights(path)


def loaded(case, path):
    keras.backend.clear_session()
    model = CASES[case]()
    for weight in model.weights:  # so that nothing is right by chance
        weight.assign(np.zeros(tuple(weight.shape), np.asarray(weight.numpy()).dtype))
    model.load_weights(path)
    return weights_of(model)


def pruned(kernel, recurrent_kernel):
    """Both matrices with the smallest SHARE of each gate's weights at 0."""
    gates = recurrent_kernel.shape[-1] // recurrent_kernel.shape[-2]
    parts = [[part.copy() for part in np.split(matrix, gates, axis=-1)] for matrix in (kernel, recurrent_kernel)]
    for gate in zip(*parts, strict=True):
        magnitudes = np.sort(np.abs(np.concatenate([part.ravel() for part in gate])))
        last = magnitudes[round(SHARE * magnitudes.size) - 1]
        for part in gate:
            part[np.abs(part) <= last] = 0
    return [np.concatenate(own, -1) for own in parts]


def judge(original, result):
    case = next(name for name in CASES if str(original).endswith(name))
    before, after = loaded(case, original), loaded(case, result)
    expected = [values for _, values in before]
    for i, (name, _) in enumerate(before):
        if "recurrent_kernel" in name:
            expected[i - 1], expected[i] = pruned(expected[i - 1], expected[i])
    problems = [] if sum("recurrent_kernel" in name for name, _ in before) else ["no recurrent layer"]
    for (name, found), wanted in zip(after, expected, strict=True):
        if found.tobytes() != wanted.tobytes():
            problems.append(f"{name}: {np.count_nonzero(found != wanted)} of {wanted.size} values differ")
    return problems


def main():
    if sys.argv[1] == "judge":
        pairs = zip(sys.argv[2::2], sys.argv[3::2], strict=True)
        print(json.dumps([judge(*pair) for pair in pairs]))
        return
    for name, build in CASES.items():
        make(Path(sys.argv[1]), name, build)
    print(json.dumps(list(CASES)))


if __name__ == "__main__":
    main()
