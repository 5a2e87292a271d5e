"""cudnn.py FOLDER: .h5 files of Keras 2 with layers over cuDNN, whole models as NAME.h5 and weights alone as NAME.weights.h5; prints [{ name, inputs }].
cudnn.py judge DATA FILE…: what TensorFlow's copy of Keras 2 makes of each file's arrays: [{ output, matrices }].

No GPU is needed: Keras 2 itself turns such arrays into those of plain layers when it loads them (preprocess_weights_for_loading), and these compute.
"""

import json
import sys
from pathlib import Path

import h5py
import numpy as np
from makeLegacy import REAL, Drawer, T, keras2_dense, pairs, write
from numpyForward import layers_of
from packed import packed
from tensorflow.python.keras.layers.recurrent import GRU, LSTM
from tensorflow.python.keras.saving.hdf5_format import preprocess_weights_for_loading

# Inputs and units have no common divisor, and neither divides the other, so that no wrong order looks right.
F, H, K = 4, 7, 5
GATES = {"CuDNNLSTM": 4, "CuDNNGRU": 3}
PLAIN = {"CuDNNLSTM": LSTM, "CuDNNGRU": GRU}
# By the name: the layers' classes, whether both ways, whether backwards.
CASES = {
    "cudnn_lstm": (["CuDNNLSTM"], False, False),
    "cudnn_gru": (["CuDNNGRU"], False, False),
    "cudnn_backwards": (["CuDNNLSTM", "CuDNNGRU"], False, True),
    "cudnn_stack": (["CuDNNGRU", "CuDNNLSTM"], False, False),
    "cudnn_both_ways": (["CuDNNLSTM"], True, False),
    "cudnn_gru_both_ways": (["CuDNNGRU", "CuDNNLSTM"], True, False),
}


def config_of(kind, name, units, **more):
    """What a layer over cuDNN writes: neither activations nor use_bias nor reset_after."""
    config = {"name": name, "trainable": True, "return_sequences": False, "return_state": False, "go_backwards": False}
    return {"class_name": kind, "config": config | {"stateful": False, "units": units} | more}


def arrays_of(draw, kind, inputs, units, prefix):
    width = GATES[kind] * units
    arrays = [draw.matrix(inputs, width), draw.matrix(units, width), draw.vector(2 * width)]
    return pairs([f"{prefix}/{name}:0" for name in ("kernel", "recurrent_kernel", "bias")], arrays)


def make(folder, name):
    kinds, both, backwards = CASES[name]
    draw, inputs, layers, weights = Drawer(name), F, [], []
    for i, kind in enumerate(kinds):
        units, label, last = (H, K)[i], f"rnn_{i}", i == len(kinds) - 1
        config = config_of(kind, label, units, return_sequences=not last, go_backwards=backwards)
        if both:
            own = arrays_of(draw, kind, inputs, units, f"{label}/forward_{label}")
            own += arrays_of(draw, kind, inputs, units, f"{label}/backward_{label}")
            config = {"class_name": "Bidirectional", "config": {"name": label, "merge_mode": "concat", "layer": config}}
        else:
            own = arrays_of(draw, kind, inputs, units, label)
        if i == 0:
            config["config"]["batch_input_shape"] = [None, T, F]
        layers.append(config)
        weights.append((label, own))
        inputs = 2 * units if both else units
    layers.append(keras2_dense("dense_1", 2, "linear"))
    weights.append(("dense_1", [("dense_1/kernel:0", draw.matrix(inputs, 2)), ("dense_1/bias:0", draw.vector(2))]))
    config = {"name": "sequential_1", "layers": layers}
    write(folder, name, config, weights, version="2.2.4", backend="tensorflow", loss=REAL)
    with h5py.File(folder / f"{name}.h5") as whole, h5py.File(folder / f"{name}.weights.h5", "w") as alone:
        for key, value in whole["model_weights"].attrs.items():
            alone.attrs[key] = value
        for key in whole["model_weights"]:
            whole.copy(whole["model_weights"][key], alone, key)
    x = np.random.default_rng(len(name)).normal(0, 1, (6, T, F)).astype(np.float32)
    np.savez(folder / f"{name}.npz", x_test=x, y_test=np.ones((6, 2), np.float32))
    return {"name": name, "inputs": packed(x)}


def one_direction(kind, config, arrays, x, matrices, backwards):
    more = {"reset_after": True} if kind == "CuDNNGRU" else {}
    layer = PLAIN[kind](
        int(config["units"]),
        recurrent_activation="sigmoid",
        return_sequences=config["return_sequences"],
        go_backwards=backwards,
        **more,
    )
    layer(x)
    converted = preprocess_weights_for_loading(layer, list(arrays), "2")
    layer.set_weights(converted)
    matrices += [packed(np.asarray(array, np.float32)) for array in converted[:2]]
    return layer(x).numpy()


def judge(path, x):
    with h5py.File(path) as file:
        layers, _ = layers_of(file)
    matrices = []
    for kind, config, arrays in layers:
        if kind in PLAIN:
            x = one_direction(kind, config, arrays, x, matrices, config["go_backwards"])
        elif kind == "Bidirectional":
            inner, half = config["layer"], len(arrays) // 2
            ways = [
                one_direction(inner["class_name"], inner["config"], own, x, matrices, backwards)
                for own, backwards in ((arrays[:half], False), (arrays[half:], True))
            ]
            if inner["config"]["return_sequences"]:
                ways[1] = ways[1][:, ::-1]
            x = np.concatenate(ways, -1)
        else:
            x = x @ arrays[0] + arrays[1]
    return {"output": packed(np.asarray(x, np.float32)), "matrices": matrices}


def main():
    if sys.argv[1] == "judge":
        print(json.dumps([judge(path, np.load(str(Path(path).parent / data))["x_test"]) for data, path in zip(sys.argv[2::2], sys.argv[3::2], strict=True)]))
    else:
        print(json.dumps([make(Path(sys.argv[1]), name) for name in CASES]))


if __name__ == "__main__":
    main()
