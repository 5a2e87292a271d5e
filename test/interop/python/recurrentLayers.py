"""The gates of a model's recurrent layers, found without our code: through Keras where it opens the file, else by h5py.

A layer is (cell, [kernel [in, G·H], recurrent [H, G·H], bias or None]) with the gates joined in canonical order: i, f, c, o of an
LSTM, z, r, h of a GRU, h of a plain RNN.
"""

import h5py
import keras
import numpy as np
from numpyForward import gate_matrices, layers_of

GATES = {"LSTM": "ifco", "GRU": "zrh", "SimpleRNN": "h"}


def opened(path):
    """The model as Keras opens it, or None."""
    try:
        return keras.models.load_model(path)
    except Exception:  # noqa: BLE001  (whatever the reason, Keras does not open it)
        return None


def from_keras(model):
    found, seen = [], set()

    def walk(layer):
        if id(layer) in seen:
            return
        seen.add(id(layer))
        if isinstance(layer, keras.Model):
            for inner in layer.layers:
                walk(inner)
        elif isinstance(layer, keras.layers.Bidirectional):
            walk(layer.forward_layer)
            walk(layer.backward_layer)
        elif isinstance(layer, keras.layers.TimeDistributed):
            walk(layer.layer)
        elif type(layer).__name__ in GATES:
            kernel, recurrent, *bias = layer.get_weights()
            found.append((type(layer).__name__, [kernel, recurrent, bias[0] if bias else None]))

    walk(model)
    return found


def from_file(path):
    with h5py.File(path) as file:
        layers, _ = layers_of(file)
    found = []
    for kind, arrays in (single for layer in layers for single in directions(*layer)):
        if kind in GATES:
            kernels, recurrents, biases = zip(*gate_matrices(kind, arrays), strict=True)
            bias = None if len(arrays) == 2 else np.concatenate(biases, -1)
            found.append((kind, [np.concatenate(kernels, -1), np.concatenate(recurrents, -1), bias]))
    return found


def directions(kind, config, arrays):
    """[(class, arrays)] of a layer: of a Bidirectional those of the layers within, of which each has half of the arrays."""
    if kind != "Bidirectional":
        return [(kind, arrays)]
    half = len(arrays) // 2
    return [(config["layer"]["class_name"], part) for part in (arrays[:half], arrays[half:])]


def canonical(layers):
    """[(layer index, matrix 0 or 1, gate letter, values [H, in])] in the order in which ties are broken."""
    return [
        (index, matrix, gate, np.ascontiguousarray(part.T, np.float32))
        for index, (cell, arrays) in enumerate(layers)
        for matrix in (0, 1)
        for gate, part in zip(GATES[cell], np.split(arrays[matrix], len(GATES[cell]), axis=1), strict=True)
    ]


def pruned(layers, recipe):
    """What the gates should hold after pruning: canonical() again, with zeros, by numpy's own sorting."""
    entries = canonical(layers)
    own = {gate: {"sparsity": target} for gate, target in recipe.get("gates", {}).items()}
    sets = {}
    for number, (index, matrix, gate, _) in enumerate(entries):
        if gate in own:
            key = ("gate", index, gate)
        else:
            scope = recipe.get("scope", "layer")
            key = (scope, *{"gate": (index, gate), "matrix": (index, matrix), "layer": (index,), "global": ()}[scope])
        sets.setdefault(key, []).append(number)
    results = [values.copy() for *_, values in entries]
    for members in sets.values():
        target = own.get(entries[members[0]][2], recipe)
        magnitudes = np.abs(np.concatenate([results[number].ravel() for number in members]))
        if recipe.get("criterion") == "threshold" and "k" in target:
            doomed = magnitudes < target["k"] * magnitudes.mean(dtype=np.float64)
        else:
            doomed = np.zeros(len(magnitudes), bool)
            order = np.argsort(magnitudes, kind="stable")
            doomed[order[: round(target["sparsity"] * len(magnitudes))]] = True
        at = 0
        for number in members:
            values = results[number]
            values[doomed[at : at + values.size].reshape(values.shape)] = 0
            at += values.size
    return [(*entry[:3], values) for entry, values in zip(entries, results, strict=True)]
