"""An independent forward of old Keras files in numpy: it knows nothing of our code and nothing of Keras, only the formulas.

    numpyForward.py MODEL.h5 DATA.npz [X Y]     prints { outputs, loss, lossName, accuracy?, meanAbsoluteError? } as JSON

X and Y name arrays (default x_test and y_test). It reads chains of layers (Sequential, or functional without branches) of Keras
1, 2 and tf.keras; an array's place in its layer follows from `weight_names` alone.
"""

import json
import sys

import h5py
import numpy as np
from packed import packed

FORGOTTEN = {"Dropout", "InputLayer"}  # nothing to compute at inference


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def names_of(group, attribute):
    """A list attribute, whole or in numbered parts (`layer_names0`, `layer_names1`, …)."""
    if attribute in group.attrs:
        return [text(name) for name in group.attrs[attribute]]
    parts = []
    while f"{attribute}{len(parts)}" in group.attrs:
        parts.append(group.attrs[f"{attribute}{len(parts)}"])
    return [text(name) for part in parts for name in part]


def layers_of(file):
    """[(class, config, arrays)] in order, and the major version of the Keras that wrote the file."""
    model = json.loads(text(file.attrs["model_config"]))
    config = model["config"]
    layers = config if isinstance(config, list) else config["layers"]
    weights = file["model_weights"]
    result = []
    for layer in layers:
        name = layer["config"].get("name") or layer["name"]
        group = weights[name] if name in names_of(weights, "layer_names") else None
        arrays = [] if group is None else [group[path][()] for path in names_of(group, "weight_names")]
        result.append((layer["class_name"], layer["config"], arrays))
    return result, int(text(file.attrs.get("keras_version", "1"))[0])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def activation(name):
    return {
        None: lambda x: x,
        "linear": lambda x: x,
        "tanh": np.tanh,
        "sigmoid": sigmoid,
        "hard_sigmoid": lambda x: np.clip(0.2 * x + 0.5, 0, 1),  # as it was before Keras 3
        "relu": lambda x: np.maximum(x, 0),
        "softmax": softmax,
    }[name]


def gate_matrices(cell, arrays):
    """[(W [in, H], U [H, H], b [H] or [2, H])] in the order i, f, c, o or z, r, h, from joined or separate arrays."""
    count = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}[cell]
    if len(arrays) == 3 * count:  # Keras 1: an array a gate, of an LSTM in the order i, c, f, o
        gates = [tuple(arrays[3 * g : 3 * g + 3]) for g in range(count)]
        return [gates[0], gates[2], gates[1], gates[3]] if cell == "LSTM" else gates
    kernel, recurrent, bias = arrays if len(arrays) == 3 else [*arrays, np.zeros(arrays[0].shape[1])]
    split = [np.split(array, count, axis=-1) for array in (kernel, recurrent, bias)]
    return list(zip(*split, strict=True))


def recurrent_layer(cell, config, arrays, x):
    """x [B, T, I] to h [B, T, H] or the last h [B, H]."""
    g = activation(config.get("recurrent_activation") or config.get("inner_activation") or "hard_sigmoid")
    act = activation(config.get("activation", "tanh"))
    gates = [[np.asarray(a, np.float64) for a in gate] for gate in gate_matrices(cell, arrays)]
    h = c = np.zeros((len(x), gates[0][1].shape[0]))
    steps = x[:, ::-1] if config.get("go_backwards") else x
    outputs = []
    for t in range(x.shape[1]):
        now = steps[:, t]
        if cell == "LSTM":
            i, f, candidate, o = (now @ W + h @ U + b for W, U, b in gates)
            c = g(f) * c + g(i) * act(candidate)
            h = g(o) * act(c)
        elif cell == "SimpleRNN":
            ((W, U, b),) = gates
            h = act(now @ W + h @ U + b)
        elif gates[0][2].ndim == 2:  # GRU, reset after: an input bias and a recurrent bias
            z, r = (g(now @ W + b[0] + h @ U + b[1]) for W, U, b in gates[:2])
            W, U, b = gates[2]
            h = z * h + (1 - z) * act(now @ W + b[0] + r * (h @ U + b[1]))
        else:
            z, r = (g(now @ W + h @ U + b) for W, U, b in gates[:2])
            W, U, b = gates[2]
            h = z * h + (1 - z) * act(now @ W + (r * h) @ U + b)
        outputs.append(h)
    return np.stack(outputs, 1) if config.get("return_sequences") else h


def both_ways(config, arrays, x):
    """Both directions beside each other, those backwards in the order of the steps; the first half of the arrays is the first's."""
    layer, half = config["layer"], len(arrays) // 2
    first = recurrent_layer(layer["class_name"], layer["config"], arrays[:half], x)
    second = recurrent_layer(layer["class_name"], layer["config"] | {"go_backwards": True}, arrays[half:], x)
    return np.concatenate([first, second[:, ::-1] if layer["config"].get("return_sequences") else second], -1)


def windows(x, size, step=1):
    """[B, windows, size, C] of [B, T, C]."""
    return np.stack([x[:, at : at + size] for at in range(0, x.shape[1] - size + 1, step)], 1)


def dense(config, arrays, x):
    y = x @ np.asarray(arrays[0], np.float64)
    return activation(config.get("activation"))(y + arrays[1] if len(arrays) > 1 else y)


def layer(kind, config, arrays, y):
    if kind in ("LSTM", "GRU", "SimpleRNN"):
        y = recurrent_layer(kind, config, arrays, y)
    elif kind == "Bidirectional":
        y = both_ways(config, arrays, y)
    elif kind == "Convolution1D":  # of Keras 1: kernel [K, 1, C, F]
        y = np.einsum("bwkc,kcf->bwf", windows(y, config["filter_length"]), arrays[0][:, 0]) + arrays[1]
        y = activation(config["activation"])(y)
    elif kind == "MaxPooling1D":
        y = windows(y, config["pool_length"], config["stride"]).max(2)
    elif kind == "UpSampling1D":
        y = np.repeat(y, config["length"], 1)
    elif kind == "Dense":
        y = dense(config, arrays, y)
    elif kind == "TimeDistributed":
        inner, steps = config["layer"], y.shape[:2]
        y = layer(inner["class_name"], inner["config"], arrays, y.reshape(-1, *y.shape[2:]))
        y = y.reshape(*steps, *y.shape[1:])
    elif kind == "Activation":
        y = activation(config["activation"])(y)
    elif kind == "Embedding":
        y = np.asarray(arrays[0], np.float64)[y.astype(np.int64)]
    elif kind == "BatchNormalization":
        gamma, beta, mean, variance = (np.asarray(a, np.float64) for a in arrays)
        y = (y - mean) / np.sqrt(variance + config["epsilon"]) * gamma + beta
    elif kind == "Flatten":
        y = y.reshape(len(y), -1)
    elif kind == "Reshape":
        y = y.reshape(len(y), *config["target_shape"])
    elif kind not in FORGOTTEN:
        raise ValueError(f"{kind} is not known here")
    return y


def forward(path, x):
    with h5py.File(path) as file:
        layers, _ = layers_of(file)
    y = np.asarray(x, np.float64)
    for kind, config, arrays in layers:
        y = layer(kind, config, arrays, y)
    return y


def loss_of(path):
    with h5py.File(path) as file:
        if "training_config" not in file.attrs:
            return None
        return json.loads(text(file.attrs["training_config"]))["loss"]


def evaluate(path, x, y):
    """Loss by the file's own training configuration, with metrics, from the mean over all values."""
    out, name = forward(path, x), loss_of(path)
    result = {"outputs": out}
    name = {"mse": "mean_squared_error"}.get(name, name)
    result["lossName"] = name
    if name == "binary_crossentropy":
        result["loss"] = -np.where(y > 0.5, np.log(out), np.log1p(-out)).mean()
        result["accuracy"] = ((out > 0.5) == (y > 0.5)).mean()
    elif name == "mean_squared_error":
        result["loss"] = ((out - y) ** 2).mean()
        result["meanAbsoluteError"] = np.abs(out - y).mean()
    elif name == "categorical_crossentropy":
        result["loss"] = -(y * np.log(out)).sum(-1).mean()
        result["accuracy"] = (out.argmax(-1) == y.argmax(-1)).mean()
    elif name is not None:
        raise ValueError(f"the loss {name} is not known here")
    return result


def main():
    model, data, *names = sys.argv[1:]
    x_name, y_name = names or ("x_test", "y_test")
    with np.load(data) as file:
        result = evaluate(model, file[x_name], file[y_name])
    result["outputs"] = packed(result["outputs"].astype(np.float32))
    print(json.dumps(result, default=float))


if __name__ == "__main__":
    main()
