"""trainSteps.py FOLDER: small models that Keras trains for some steps with each optimizer.

Writes NAME.keras and NAME.h5, compiled and untrained, NAME.trained.keras after the steps, and NAME.npz with x and y, a batch of
BATCH rows a step. Prints [{ name, optimizer: what get_config says, losses: [a step] }].
"""

import json
import os
import sys

import keras
import numpy as np
import tensorflow as tf
from keras import layers, optimizers

STEPS, BATCH = 20, 6
VOCABULARY, CLASSES = 12, 5


def classifier():
    return keras.Sequential(
        [
            keras.Input((8,), dtype="int32"),
            layers.Embedding(VOCABULARY, 6, mask_zero=True),
            layers.LSTM(7, return_sequences=True),
            layers.GRU(5),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )


def tagger():
    return keras.Sequential(
        [
            keras.Input((8,), dtype="int32"),
            layers.Embedding(VOCABULARY, 6, mask_zero=True),
            layers.GRU(7, reset_after=False, return_sequences=True),
            layers.TimeDistributed(layers.Dense(CLASSES, activation="softmax")),
        ]
    )


def regressor():
    return keras.Sequential(
        [
            keras.Input((7, 3)),
            layers.SimpleRNN(5, return_sequences=True),
            layers.Dense(4, trainable=False, bias_initializer="ones"),
            layers.LSTM(6, recurrent_activation="hard_sigmoid", activation="relu"),
            layers.Dense(2),
        ]
    )


def attender():
    inputs = keras.Input((7, 3))
    sequence = layers.LSTM(5, return_sequences=True)(inputs)
    attended = layers.Attention(use_scale=True)([sequence, sequence])
    return keras.Model(inputs, layers.Dense(2)(layers.GlobalAveragePooling1D()(attended)))


MODELS = {
    "classifier": (classifier, "sparse_categorical_crossentropy"),
    "tagger": (tagger, "sparse_categorical_crossentropy"),
    "regressor": (regressor, "mean_squared_error"),
    "attender": (attender, "mean_squared_error"),
}

OPTIMIZERS = {
    "adam": lambda: optimizers.Adam(0.01),
    "adam_betas": lambda: optimizers.Adam(0.003, beta_1=0.8, beta_2=0.95, epsilon=1e-5),
    "sgd": lambda: optimizers.SGD(0.1),
    "momentum": lambda: optimizers.SGD(0.05, momentum=0.9),
    "nesterov": lambda: optimizers.SGD(0.05, momentum=0.9, nesterov=True),
    "rmsprop": lambda: optimizers.RMSprop(0.003),
    "rmsprop_momentum": lambda: optimizers.RMSprop(0.003, rho=0.8, momentum=0.5, epsilon=1e-6),
}


def samples(name, random):
    count = STEPS * BATCH
    if name in ("regressor", "attender"):
        return random.normal(0, 1, (count, 7, 3)).astype(np.float32), random.normal(0, 1, (count, 2)).astype(np.float32)
    x = random.integers(1, VOCABULARY, (count, 8)).astype(np.int32)
    for row, length in enumerate(random.integers(1, 9, count)):
        x[row, length:] = 0
    shape = (count, 8) if name == "tagger" else (count,)
    return x, random.integers(0, CLASSES, shape).astype(np.int32)


def by_dense_gradients(optimizer):
    """Adds up an embedding's gradients row by row first; on TensorFlow Keras squares them use by use, other backends do not."""
    apply = optimizer.apply
    optimizer.apply = lambda gradients, *rest: apply([tf.convert_to_tensor(gradient) for gradient in gradients], *rest)
    return optimizer


def train(folder, model_name, optimizer_name):
    keras.utils.set_random_seed(3)
    build, loss = MODELS[model_name]
    model = build()
    # The order of float32 sums is all that may differ.
    model.compile(by_dense_gradients(OPTIMIZERS[optimizer_name]()), loss, jit_compile=False)
    name = f"{model_name}_{optimizer_name}"
    path = os.path.join(folder, name)
    model.save(f"{path}.keras")
    model.save(f"{path}.h5")
    x, y = samples(model_name, np.random.default_rng(4))
    np.savez(f"{path}.npz", x=x, y=y)
    losses = []
    for start in range(0, len(x), BATCH):
        model.reset_metrics()
        losses.append(float(model.train_on_batch(x[start : start + BATCH], y[start : start + BATCH])))
    model.save(f"{path}.trained.keras")
    return {"name": name, "optimizer": model.optimizer.get_config(), "losses": losses}


def main():
    (folder,) = sys.argv[1:]
    pairs = [("classifier", name) for name in OPTIMIZERS] + [("tagger", "adam"), ("regressor", "adam"), ("regressor", "momentum"), ("attender", "adam")]
    print(json.dumps([train(folder, *pair) for pair in pairs]))


if __name__ == "__main__":
    main()
