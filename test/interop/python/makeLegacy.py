"""makeLegacy.py FOLDER: writes .h5 files with h5py as the old libraries wrote them, each with random weights and NAME.npz.

No old library is needed: what it wrote is known from its source, and numpyForward.py, which reads `weight_names` and the
formulas alone, is the judge. legacy.json lists the names.
"""

import json
import sys
import zlib
from pathlib import Path

import h5py
import numpy as np

T, F, H = 6, 3, 5
GATES = {"LSTM": "icfo", "GRU": "zrh", "SimpleRNN": "h"}


class Drawer:
    """Arrays that are neither constant nor small."""

    def __init__(self, name):
        self.random = np.random.default_rng(zlib.crc32(name.encode()))

    def matrix(self, rows, columns):
        return self.random.normal(0, 0.8 / np.sqrt(rows), (rows, columns)).astype(np.float32)

    def vector(self, *shape):
        return self.random.normal(0, 0.4, shape).astype(np.float32)

    def joined(self, cell, inputs, units, reset_after=False):
        width = len(GATES[cell]) * units
        bias = self.vector(2, width) if reset_after else self.vector(width)
        return [self.matrix(inputs, width), self.matrix(units, width), bias]

    def separate(self, cell, inputs, units):
        """Keras 1: W, U, b of each gate, an LSTM's in the order i, c, f, o."""
        arrays = []
        for _ in GATES[cell]:
            arrays += [self.matrix(inputs, units), self.matrix(units, units), self.vector(units)]
        return arrays


def list_attribute(group, name, values, parts=1):
    """Keras writes a list of bytes, in numbered parts where it would not fit into an object header."""
    values = [value.encode() for value in values]
    if parts == 1:
        group.attrs[name] = values
        return
    for i, part in enumerate(np.array_split(np.asarray(values), parts)):
        group.attrs[f"{name}{i}"] = part


def write(folder, name, config, layers, *, version, loss, backend=None, model="Sequential", parts=1, optimizer=True):
    """layers: [(layer name, [(weight name, array)])]."""
    random = np.random.default_rng(3)
    with h5py.File(folder / f"{name}.h5", "w") as file:
        if version:
            file.attrs["keras_version"] = version.encode()
        if backend:
            file.attrs["backend"] = backend.encode()
        file.attrs["model_config"] = json.dumps({"class_name": model, "config": config}).encode()
        weights = file.create_group("model_weights")
        list_attribute(weights, "layer_names", [layer for layer, _ in layers], parts)
        if backend:
            weights.attrs["backend"] = backend.encode()
            weights.attrs["keras_version"] = version.encode()
        for layer, arrays in layers:
            group = weights.create_group(layer)
            list_attribute(group, "weight_names", [weight for weight, _ in arrays], min(parts, len(arrays) or 1))
            for weight, value in arrays:
                group.create_dataset(weight, data=value)
        training = {"loss": loss, "metrics": [], "sample_weight_mode": None, "loss_weights": None}
        training["optimizer_config"] = {"class_name": "Adam", "config": {"lr": 0.001}}
        file.attrs["training_config"] = json.dumps(training).encode()
        if optimizer:
            group = file.create_group("optimizer_weights")
            saved = [("iterations:0", np.float32(17.0))]
            saved += [(f"{w}_m", random.normal(size=a.shape)) for _, arrays in layers for w, a in arrays]
            list_attribute(group, "weight_names", [w for w, _ in saved])
            for weight, value in saved:
                group.create_dataset(weight, data=value)
        # Others' attributes, of types that a rewrite could change.
        file.attrs["note_fixed"] = np.bytes_(b"fixed length")
        file.attrs.create("note_unicode", "\u03bb".encode(), dtype=h5py.string_dtype("utf-8", 9))
        file.attrs["note_variable"] = "of variable length: \u03bb"
        file.attrs["note_numbers"] = np.arange(3, dtype=np.int16)
        weights.attrs["note_real"] = np.float64(0.25)


def keras1_config(cell, name, units, **more):
    return {
        "class_name": cell,
        "config": {
            "name": name,
            "trainable": True,
            "output_dim": units,
            "init": "glorot_uniform",
            "inner_init": "orthogonal",
            "forget_bias_init": "one",
            "activation": "tanh",
            "inner_activation": "hard_sigmoid",
            "W_regularizer": None,
            "U_regularizer": None,
            "b_regularizer": None,
            "dropout_W": 0.0,
            "dropout_U": 0.0,
            "return_sequences": False,
            "go_backwards": False,
            "stateful": False,
            "unroll": False,
            "consume_less": "cpu",
            "input_dim": F,
            "input_length": None,
            **more,
        },
    }


def keras1_dense(name, units, activation, inputs):
    config = {"name": name, "trainable": True, "output_dim": units, "init": "glorot_uniform", "bias": True}
    config |= {"activation": activation, "input_dim": inputs, "W_regularizer": None, "b_constraint": None}
    return {"class_name": "Dense", "config": config}


def keras2_config(cell, name, units, **more):
    config = {"name": name, "trainable": True, "units": units, "activation": "tanh", "use_bias": True, "dropout": 0.0}
    config |= {"return_sequences": False, "return_state": False, "go_backwards": False, "stateful": False}
    config |= {"recurrent_dropout": 0.0, "unroll": False, "implementation": 1}
    if cell != "SimpleRNN":
        config["recurrent_activation"] = "hard_sigmoid"
    return {"class_name": cell, "config": config | more}


def keras2_dense(name, units, activation):
    config = {"name": name, "trainable": True, "units": units, "activation": activation, "use_bias": True}
    return {"class_name": "Dense", "config": config}


def dropout(name, key="rate"):
    return {"class_name": "Dropout", "config": {"name": name, "trainable": True, key: 0.2}}


def keras1_names(layer, cell, colon):
    return [f"{layer}_{matrix}_{gate}{colon}" for gate in GATES[cell] for matrix in "WUb"]


def keras2_names(prefix, colon=":0"):
    return [f"{prefix}/{name}{colon}" for name in ("kernel", "recurrent_kernel", "bias")]


def pairs(names, arrays):
    return list(zip(names, arrays, strict=True))


INPUT = {"batch_input_shape": [None, T, F]}
REAL, BINARY = "mean_squared_error", "binary_crossentropy"


def keras1_twelve_arrays(folder, name):
    draw = Drawer(name)
    write(
        folder,
        name,
        [
            keras1_config("LSTM", "lstm_1", H, return_sequences=True, input_dtype="float32", **INPUT),
            dropout("dropout_1", "p"),
            keras1_config("LSTM", "lstm_2", 4, input_dim=H),
            keras1_dense("dense_1", 1, "sigmoid", 4),
        ],
        [
            ("lstm_1", pairs(keras1_names("lstm_1", "LSTM", ":0"), draw.separate("LSTM", F, H))),
            ("dropout_1", []),
            ("lstm_2", pairs(keras1_names("lstm_2", "LSTM", ":0"), draw.separate("LSTM", H, 4))),
            ("dense_1", [("dense_1_W:0", draw.matrix(4, 1)), ("dense_1_b:0", draw.vector(1))]),
        ],
        version="1.2.2",
        loss=BINARY,
    )


def keras1_theano_gru(folder, name):
    draw = Drawer(name)
    write(
        folder,
        name,
        [
            keras1_config("GRU", "gru_1", H, return_sequences=True, **INPUT),
            {"class_name": "TimeDistributed", "config": {"name": "td", "layer": keras1_dense("dense_1", 4, "relu", H)}},
            keras1_config("SimpleRNN", "rnn_1", 4, input_dim=4),
            keras1_dense("dense_2", 2, "linear", 4),
        ],
        [
            ("gru_1", pairs(keras1_names("gru_1", "GRU", ""), draw.separate("GRU", F, H))),
            ("td", [("dense_1_W", draw.matrix(H, 4)), ("dense_1_b", draw.vector(4))]),
            ("rnn_1", pairs(["rnn_1_W", "rnn_1_U", "rnn_1_b"], draw.joined("SimpleRNN", 4, 4))),
            ("dense_2", [("dense_2_W", draw.matrix(4, 2)), ("dense_2_b", draw.vector(2))]),
        ],
        version="1.1.0",
        loss="mse",
    )


def keras1_both_ways(folder, name):
    """Twelve arrays of each direction, named after it."""
    draw = Drawer(name)
    both = [array for way in ("forward", "backward") for array in keras1_names(f"{way}_lstm_1", "LSTM", ":0")]
    layer = keras1_config("LSTM", "lstm_1", H, return_sequences=True)
    write(
        folder,
        name,
        [
            {"class_name": "Bidirectional", "config": {"name": "both", "merge_mode": "concat", "layer": layer} | INPUT},
            keras1_config("GRU", "gru_1", 4, input_dim=2 * H),
            keras1_dense("dense_1", 2, "linear", 4),
        ],
        [
            ("both", pairs(both, draw.separate("LSTM", F, H) + draw.separate("LSTM", F, H))),
            ("gru_1", pairs(keras1_names("gru_1", "GRU", ":0"), draw.separate("GRU", 2 * H, 4))),
            ("dense_1", [("dense_1_W:0", draw.matrix(4, 2)), ("dense_1_b:0", draw.vector(2))]),
        ],
        version="1.2.2",
        loss=REAL,
    )


def keras1_convolution(folder, name):
    """Layers over steps, whose options Keras 1 calls otherwise; kernels have an axis of length 1."""
    draw = Drawer(name)
    kernel = draw.vector(2, 1, F, H)
    window = {"nb_filter": H, "filter_length": 2, "border_mode": "valid", "subsample_length": 1, "bias": True, "activation": "relu"}
    write(
        folder,
        name,
        [
            {"class_name": "Convolution1D", "config": {"name": "convolution1d_1", "trainable": True} | window | INPUT},
            {"class_name": "MaxPooling1D", "config": {"name": "pool", "pool_length": 3, "stride": 2, "border_mode": "valid"}},
            {"class_name": "UpSampling1D", "config": {"name": "up", "length": 3}},
            keras1_config("LSTM", "lstm_1", 4, input_dim=H),
            keras1_dense("dense_1", 2, "linear", 4),
        ],
        [
            ("convolution1d_1", [("convolution1d_1_W:0", kernel), ("convolution1d_1_b:0", draw.vector(H))]),
            ("pool", []),
            ("up", []),
            ("lstm_1", pairs(keras1_names("lstm_1", "LSTM", ":0"), draw.separate("LSTM", H, 4))),
            ("dense_1", [("dense_1_W:0", draw.matrix(4, 2)), ("dense_1_b:0", draw.vector(2))]),
        ],
        version="1.2.2",
        loss=REAL,
    )


def keras1_windows_of_steps(folder, name):
    """The same under TimeDistributed, over each of T steps of F values: [B, T, F, 1]."""
    draw = Drawer(name)
    window = {"nb_filter": 4, "filter_length": 1, "border_mode": "valid", "subsample_length": 1, "bias": True, "activation": "tanh"}
    wrapped = [
        ("steps", {"class_name": "Convolution1D", "config": {"name": "convolution1d_1", "trainable": True} | window}),
        ("pools", {"class_name": "MaxPooling1D", "config": {"name": "pool", "pool_length": 3, "stride": 3, "border_mode": "valid"}}),
        ("flat", {"class_name": "Flatten", "config": {"name": "flatten"}}),
    ]
    write(
        folder,
        name,
        [
            {"class_name": "Reshape", "config": {"name": "reshape", "target_shape": [T, F, 1], **INPUT}},
            *({"class_name": "TimeDistributed", "config": {"name": one, "layer": layer}} for one, layer in wrapped),
            keras1_config("LSTM", "lstm_1", H, input_dim=4),
            keras1_dense("dense_1", 2, "linear", H),
        ],
        [
            ("reshape", []),
            ("steps", [("convolution1d_1_W:0", draw.vector(1, 1, 1, 4)), ("convolution1d_1_b:0", draw.vector(4))]),
            ("pools", []),
            ("flat", []),
            ("lstm_1", pairs(keras1_names("lstm_1", "LSTM", ":0"), draw.separate("LSTM", 4, H))),
            ("dense_1", [("dense_1_W:0", draw.matrix(H, 2)), ("dense_1_b:0", draw.vector(2))]),
        ],
        version="1.2.2",
        loss=REAL,
    )


def keras1_joined_arrays(folder, name):
    """consume_less="gpu": one array for all gates, in the order i, f, c, o."""
    draw = Drawer(name)
    write(
        folder,
        name,
        [
            keras1_config("LSTM", "lstm_1", H, consume_less="gpu", go_backwards=True, **INPUT),
            keras1_dense("dense_1", 3, "softmax", H),
        ],
        [
            ("lstm_1", pairs(["lstm_1_W:0", "lstm_1_U:0", "lstm_1_b:0"], draw.joined("LSTM", F, H))),
            ("dense_1", [("dense_1_W:0", draw.matrix(H, 3)), ("dense_1_b:0", draw.vector(3))]),
        ],
        version="1.2.0",
        loss="categorical_crossentropy",
        optimizer=False,
    )


def keras1_batch_normalization(folder, name):
    draw = Drawer(name)
    statistics = [draw.vector(H) + 1, draw.vector(H), draw.vector(H), draw.vector(H) ** 2 + 0.3]
    normalization = {"name": "bn", "mode": 0, "epsilon": 0.001, "axis": -1, "momentum": 0.99, "trainable": True}
    write(
        folder,
        name,
        [
            keras1_config("LSTM", "lstm_1", H, **INPUT),
            {"class_name": "BatchNormalization", "config": normalization},
            keras1_dense("dense_1", 1, "sigmoid", H),
            {"class_name": "Activation", "config": {"name": "act", "activation": "linear", "trainable": True}},
        ],
        [
            ("lstm_1", pairs(keras1_names("lstm_1", "LSTM", ""), draw.separate("LSTM", F, H))),
            ("bn", pairs(["bn_gamma", "bn_beta", "bn_running_mean", "bn_running_std"], statistics)),
            ("dense_1", [("dense_1_W", draw.matrix(H, 1)), ("dense_1_b", draw.vector(1))]),
            ("act", []),
        ],
        version="1.2.1",
        loss=BINARY,
    )


def keras2_stack(draw, names, colon=":0"):
    """LSTM, Dropout, GRU without reset after, Dense: configuration and arrays."""
    config = [
        keras2_config("LSTM", "lstm_1", H, return_sequences=True, unit_forget_bias=True, **INPUT),
        dropout("dropout_1"),
        keras2_config("GRU", "gru_1", 4, reset_after=False),
        keras2_dense("dense_1", 2, "linear"),
    ]
    layers = [
        ("lstm_1", pairs(keras2_names(names["lstm_1"], colon), draw.joined("LSTM", F, H))),
        ("dropout_1", []),
        ("gru_1", pairs(keras2_names(names["gru_1"], colon), draw.joined("GRU", H, 4))),
        ("dense_1", [(f"dense_1/kernel{colon}", draw.matrix(4, 2)), (f"dense_1/bias{colon}", draw.vector(2))]),
    ]
    return config, layers


def keras21_bare_list(folder, name):
    config, layers = keras2_stack(Drawer(name), {"lstm_1": "lstm_1", "gru_1": "gru_1"})
    del config[2]["config"]["reset_after"]  # not yet known to 2.1.0
    write(folder, name, config, layers, version="2.1.0", backend="tensorflow", loss=REAL)


def keras22_dictionary(folder, name):
    config, layers = keras2_stack(Drawer(name), {"lstm_1": "lstm_1_1", "gru_1": "gru_1_1"})
    config = {"name": "sequential_1", "layers": config}
    write(folder, name, config, layers, version="2.2.4", backend="tensorflow", loss=REAL)


def keras2_theano(folder, name):
    config, layers = keras2_stack(Drawer(name), {"lstm_1": "lstm_1", "gru_1": "gru_1"}, colon="")
    write(folder, name, config, layers, version="2.0.8", backend="theano", loss=REAL)


def split_lists(folder, name):
    config, layers = keras2_stack(Drawer(name), {"lstm_1": "lstm_1", "gru_1": "gru_1"})
    config = {"name": "sequential_1", "layers": config}
    write(folder, name, config, layers, version="2.3.1", backend="tensorflow", loss=REAL, parts=3)


def tf_keras(folder, name):
    draw = Drawer(name)
    more = {"time_major": False, "dtype": "float32", "recurrent_activation": "sigmoid"}
    shape = {"batch_input_shape": [None, T, F], "dtype": "float32", "name": "lstm_input"}
    config = [
        {"class_name": "InputLayer", "config": {**shape, "sparse": False, "ragged": False}},
        keras2_config("LSTM", "lstm", H, return_sequences=True, **INPUT, **more),
        keras2_config("GRU", "gru", 4, reset_after=True, **more),
        keras2_dense("dense", 1, "sigmoid"),
    ]
    layers = [
        ("lstm", pairs(keras2_names("lstm/lstm_cell"), draw.joined("LSTM", F, H))),
        ("gru", pairs(keras2_names("gru/gru_cell"), draw.joined("GRU", H, 4, reset_after=True))),
        ("dense", [("dense/kernel:0", draw.matrix(4, 1)), ("dense/bias:0", draw.vector(1))]),
    ]
    config = {"name": "sequential", "layers": config}
    write(folder, name, config, layers, version="2.4.0", backend="tensorflow", loss=BINARY)


def ties_and_zeros(folder, name):
    """Weights of few different magnitudes, many of them 0: which of equal ones goes is a rule, not chance."""
    config, layers = keras2_stack(Drawer(name), {"lstm_1": "lstm_1", "gru_1": "gru_1"})
    layers = [(layer, [(w, np.round(a * 3) / 3) for w, a in arrays]) for layer, arrays in layers]
    config = {"name": "sequential_1", "layers": config}
    write(folder, name, config, layers, version="2.3.0", backend="tensorflow", loss=REAL)


def keras22_functional(folder, name):
    draw = Drawer(name)
    layers = [
        {"class_name": "InputLayer", "config": {**INPUT, "name": "input_1", "dtype": "float32", "sparse": False}},
        keras2_config("LSTM", "reader", H, use_bias=False),
        keras2_dense("out", 2, "linear"),
    ]
    for i, layer in enumerate(layers):
        layer["name"] = layer["config"]["name"]
        layer["inbound_nodes"] = [[[layers[i - 1]["name"], 0, 0, {}]]] if i else []
    config = {"name": "model_1", "layers": layers, "input_layers": [["input_1", 0, 0]], "output_layers": [["out", 0, 0]]}
    arrays = [
        ("input_1", []),
        ("reader", pairs(keras2_names("reader")[:2], draw.joined("LSTM", F, H)[:2])),
        ("out", [("out/kernel:0", draw.matrix(H, 2)), ("out/bias:0", draw.vector(2))]),
    ]
    write(folder, name, config, arrays, version="2.2.2", backend="tensorflow", loss=REAL, model="Model")


WRITERS = (
    keras1_twelve_arrays,
    keras1_theano_gru,
    keras1_both_ways,
    keras1_convolution,
    keras1_windows_of_steps,
    keras1_joined_arrays,
    keras1_batch_normalization,
    keras21_bare_list,
    keras22_dictionary,
    keras22_functional,
    keras2_theano,
    split_lists,
    tf_keras,
    ties_and_zeros,
)
OUTPUTS = {BINARY: 1, "categorical_crossentropy": 3}


def main():
    folder = Path(sys.argv[1])
    for writer in WRITERS:
        name = writer.__name__
        writer(folder, name)
        with h5py.File(folder / f"{name}.h5") as file:
            loss = json.loads(file.attrs["training_config"])["loss"]
        random = np.random.default_rng(zlib.crc32(name.encode()))
        x = random.normal(0, 1, (9, T, F)).astype(np.float32)
        y = random.normal(0, 1, (9, OUTPUTS.get(loss, 2))).astype(np.float32)
        if loss == BINARY:
            y = (y > 0).astype(np.float32)
        elif loss == "categorical_crossentropy":
            y = np.eye(3, dtype=np.float32)[y.argmax(1)]
        np.savez(folder / f"{name}.npz", x_test=x, y_test=y)
    (folder / "legacy.json").write_text(json.dumps([writer.__name__ for writer in WRITERS]))


if __name__ == "__main__":
    main()
