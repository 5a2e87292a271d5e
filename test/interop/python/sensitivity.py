"""Real Keras beside `lstm-pruner sensitivity`.

    sensitivity.py make FOLDER            writes models NAME.keras with their data NAME.npz, prints the names as JSON
    sensitivity.py judge MODEL DATA ROWS  prints the loss of each row [{ layer, matrix, gate, sparsity }] of a JSON file

A row's mask is made here: of one gate's weights the round-half-to-even(sparsity · n) smallest in magnitude, the first of equals.
"""

import json
import os
import sys

import keras
import numpy as np
from keras import layers

GATES = {"LSTM": ["i", "f", "c", "o"], "GRU": ["z", "r", "h"], "SimpleRNN": ["h"]}
STEPS, FEATURES, SAMPLES = 6, 3, 40


def models():
    def sequential(*stack):
        return keras.Sequential([keras.Input((STEPS, FEATURES)), *stack])

    yield "lstm", sequential(layers.LSTM(7), layers.Dense(3, activation="softmax")), "sparse_categorical_crossentropy"
    yield (
        "stack",
        sequential(
            layers.Masking(),
            layers.Bidirectional(layers.GRU(5, return_sequences=True)),
            layers.SimpleRNN(6),
            layers.Dense(1),
        ),
        "mean_squared_error",
    )


def make(folder):
    keras.utils.set_random_seed(3)
    random = np.random.default_rng(3)
    names = []
    for name, model, loss in models():
        model.compile(loss=loss)
        x = random.normal(size=(SAMPLES, STEPS, FEATURES)).astype(np.float32)
        if name == "stack":
            x[::3, 4:] = 0
        y = random.integers(0, 3, SAMPLES) if name == "lstm" else random.normal(size=(SAMPLES, 1)).astype(np.float32)
        model.save(os.path.join(folder, f"{name}.keras"))
        np.savez(os.path.join(folder, f"{name}.npz"), x_train=x, y_train=y, x_test=x[::2], y_test=y[::2])
        names.append(name)
    print(json.dumps(names))


def cells_of(model):
    """Cells by the names of their layers, both directions of a Bidirectional apart."""
    cells = {}
    for layer in model.layers:
        if isinstance(layer, layers.Bidirectional):
            cells[f"{layer.name}/forward"] = layer.forward_layer
            cells[f"{layer.name}/backward"] = layer.backward_layer
        else:
            cells[layer.name] = layer
    return cells


def judge(model, data, rows):
    model = keras.models.load_model(model)
    cells = cells_of(model)
    with np.load(data) as file:
        x, y = file["x_test"], file["y_test"]
    losses = []
    for row in rows:
        layer = cells[row["layer"]]
        cell = layer.cell
        variable = cell.kernel if row["matrix"] == "kernel" else cell.recurrent_kernel
        before = variable.numpy()
        gate, units = GATES[type(layer).__name__].index(row["gate"]), cell.units
        after = before.copy()
        block = after[:, gate * units : (gate + 1) * units].T.copy()
        flat = block.reshape(-1)
        flat[np.argsort(np.abs(flat), kind="stable")[: int(np.rint(row["sparsity"] * flat.size))]] = 0
        after[:, gate * units : (gate + 1) * units] = block.T
        variable.assign(after)
        losses.append(float(model.test_on_batch(x, y)))
        variable.assign(before)
    print(json.dumps(losses))


def main():
    command, *args = sys.argv[1:]
    if command == "make":
        make(*args)
    else:
        model, data, rows = args
        with open(rows, encoding="utf-8") as file:
            judge(model, data, json.load(file))


if __name__ == "__main__":
    main()
