"""regularized.py FOLDER: models with regularizers of every kind, what Keras says of them, and one step of training.

Writes NAME.keras and NAME.h5, NAME.npz with x and y, and NAME.trained.keras after one step of plain SGD on all samples. Prints
[{ name, loss: what evaluate() says, stepLoss: before the step }].

regularized.py --evaluate FOLDER: prints what evaluate() says of each NAME.pruned.keras.
"""

import json
import os
import sys

import keras
import numpy as np
from keras import layers, regularizers

SAMPLES, STEPS, FEATURES, VOCABULARY = 24, 7, 3, 9
RATE = 0.05


def numbers():
    return keras.Input((STEPS, FEATURES))


def tokens():
    return keras.Input((STEPS,), dtype="int32")


def recurrent():
    """A penalty of every weight of a stack, masked, and of what its layers put out, the head among them."""
    x = tokens()
    y = layers.Embedding(VOCABULARY, 5, mask_zero=True, embeddings_regularizer="l2")(x)
    y = layers.LSTM(
        6,
        return_sequences=True,
        kernel_regularizer=regularizers.L2(0.02),
        recurrent_regularizer=regularizers.L1(0.01),
        bias_regularizer=regularizers.L1L2(0.02, 0.03),
        activity_regularizer=regularizers.L1L2(0.001, 0.003),
    )(y)
    y = layers.GRU(4, bias_regularizer=regularizers.L2(0.1), bias_initializer="normal")(y)
    y = layers.Dense(3, activation="softmax", kernel_regularizer="l1", activity_regularizer=regularizers.L2(0.05))(y)
    return keras.Model(x, y), "sparse_categorical_crossentropy"


def wrapped():
    """Within wrappers; a layer that is not trained costs nothing."""
    x = numbers()
    inner = layers.GRU(
        4,
        return_sequences=True,
        kernel_regularizer=regularizers.L2(0.02),
        recurrent_regularizer=regularizers.OrthogonalRegularizer(0.3),
        # Of rows that are orthogonal already, rounding decides where the penalty pulls.
        recurrent_initializer="glorot_uniform",
        activity_regularizer=regularizers.L2(0.01),
    )
    y = layers.Masking(0.0)(x)
    y = layers.Bidirectional(inner, merge_mode="ave")(y)
    y = layers.TimeDistributed(layers.Dense(5, kernel_regularizer="l1", activity_regularizer="l2"))(y)
    y = layers.ActivityRegularization(l1=0.002, l2=0.004)(y)
    y = layers.Dense(4, kernel_regularizer=regularizers.L2(0.5), trainable=False)(y)
    cells = [
        layers.LSTMCell(3, kernel_regularizer=regularizers.OrthogonalRegularizer(0.2, mode="columns")),
        layers.SimpleRNNCell(4, recurrent_regularizer=regularizers.L1(0.04)),
    ]
    y = layers.RNN(cells, activity_regularizer=regularizers.L1(0.01))(y)
    return keras.Model(x, layers.Dense(2)(y)), "mean_squared_error"


def shared():
    """A layer that is applied twice has one penalty for its weights, and one for each time's outputs; states are outputs."""
    x = numbers()
    twice = layers.LSTM(
        FEATURES,
        return_sequences=True,
        return_state=True,
        kernel_regularizer=regularizers.L2(0.03),
        activity_regularizer=regularizers.L1(0.002),
    )
    y, *_ = twice(x)
    y, hidden, _ = twice(y)
    y = layers.Conv1D(4, 3, padding="same", kernel_regularizer="l2", bias_regularizer="l2")(y)
    y = layers.LayerNormalization(gamma_regularizer="l1", beta_regularizer="l2")(y)
    y = layers.MultiHeadAttention(2, 3, kernel_regularizer="l2", bias_regularizer="l1")(y, y)
    y = layers.PReLU(shared_axes=[1], alpha_regularizer="l2", alpha_initializer="normal")(y)
    y = layers.SeparableConv1D(5, 2, depthwise_regularizer="l1", pointwise_regularizer="l2")(y)
    y = layers.DepthwiseConv1D(2, depthwise_regularizer=regularizers.L2(0.07))(y)
    y = layers.Concatenate()([layers.GlobalAveragePooling1D()(y), hidden])
    return keras.Model(x, layers.Dense(1, activation="sigmoid")(y)), "binary_crossentropy"


def normalized():
    """Not trained: Keras would take the batch's statistics."""
    x = numbers()
    y = layers.BatchNormalization(gamma_regularizer="l2", beta_regularizer="l1", beta_initializer="normal")(x)
    y = layers.SimpleRNN(4, kernel_regularizer="l2", bias_regularizer="l1", bias_initializer="ones")(y)
    return keras.Model(x, layers.Dense(2)(y)), "mean_squared_error"


MODELS = {"recurrent": recurrent, "wrapped": wrapped, "shared": shared, "normalized": normalized}


def samples(name, random):
    if name == "recurrent":
        x = random.integers(1, VOCABULARY, (SAMPLES, STEPS)).astype(np.int32)
        for row, length in enumerate(random.integers(1, STEPS + 1, SAMPLES)):
            x[row, length:] = 0
        return x, random.integers(0, 3, SAMPLES).astype(np.int32)
    x = random.normal(0, 1, (SAMPLES, STEPS, FEATURES)).astype(np.float32)
    if name == "shared":
        return x, random.integers(0, 2, (SAMPLES, 1)).astype(np.int32)
    x[::3, STEPS - 2 :] = 0
    return x, random.normal(0, 1, (SAMPLES, 2)).astype(np.float32)


def make(folder, name):
    keras.utils.set_random_seed(5)
    model, loss = MODELS[name]()
    model.compile(keras.optimizers.SGD(RATE), loss, jit_compile=False)
    path = os.path.join(folder, name)
    model.save(f"{path}.keras")
    model.save(f"{path}.h5")
    x, y = samples(name, np.random.default_rng(6))
    np.savez(f"{path}.npz", x_test=x, y_test=y)
    found = float(model.evaluate(x, y, batch_size=8, verbose=0))
    step = float(model.train_on_batch(x, y))
    model.save(f"{path}.trained.keras")
    return {"name": name, "loss": found, "stepLoss": step}


def evaluate(folder, name):
    path = os.path.join(folder, name)
    arrays = np.load(f"{path}.npz")
    return float(keras.models.load_model(f"{path}.pruned.keras").evaluate(arrays["x_test"], arrays["y_test"], verbose=0))


def main():
    what, folder = (evaluate, sys.argv[2]) if sys.argv[1] == "--evaluate" else (make, sys.argv[1])
    print(json.dumps([what(folder, name) for name in MODELS]))


if __name__ == "__main__":
    main()
