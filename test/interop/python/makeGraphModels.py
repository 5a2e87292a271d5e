"""Keras models frozen into graph models of TensorFlow.js: makeGraphModels.py FOLDER.

Prints the kernels and recurrent kernels of each model, by layer.
"""

import json
import sys

import keras
import numpy as np
from graphModels import convert
from packed import packed


def layers_of(model):
    found = {}
    for layer in model.layers:
        wrapped = isinstance(layer, keras.layers.Bidirectional)
        if wrapped:
            parts = {"forward": layer.forward_layer, "backward": layer.backward_layer}
            cells = {f"{layer.name}/{name}": part.cell for name, part in parts.items()}
        else:
            cells = {layer.name: layer.cell} if hasattr(layer, "cell") else {}
        for name, cell in cells.items():
            arrays = [np.asarray(cell.kernel), np.asarray(cell.recurrent_kernel)]
            found[name] = [packed(array.astype(np.float32)) for array in arrays]
    return found


folder = sys.argv[1]
keras.utils.set_random_seed(5)
layers = keras.layers
models = {
    "stack": [
        layers.LSTM(5, return_sequences=True, name="first"),
        layers.LSTM(5, return_sequences=True, name="same"),
        layers.GRU(3, name="last"),
        layers.Dense(2),
    ],
    "directions": [
        layers.Bidirectional(layers.SimpleRNN(5, return_sequences=True), name="lower"),
        layers.Bidirectional(layers.GRU(3, reset_after=False), name="upper"),
    ],
}
results = {}
for name, stack in models.items():
    model = keras.Sequential([layers.Input((6, 4)), *stack])
    for form, v2 in (("loops", False), ("functions", True)):
        convert(model, (6, 4), f"{folder}/{name}_{form}", v2)
        results[f"{name}_{form}"] = layers_of(model)
print(json.dumps(results))
