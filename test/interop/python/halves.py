"""halves.py FOLDER: models that Keras computes in 16 bits, and the losses that it measures.

Writes NAME.keras and NAME.npz with x_test and y_test. Prints [{ name, loss: what evaluate() says }].

halves.py --evaluate FOLDER: prints { NAME: what evaluate() says of NAME.pruned.keras }.
"""

import json
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
from keras import layers as L

SAMPLES, STEPS, FEATURES, CLASSES, WORDS = 120, 11, 6, 5, 3000
CLASSIFIED = "sparse_categorical_crossentropy"


def stack(*parts, shape=(STEPS, FEATURES)):
    return keras.Sequential([keras.Input(shape), *parts])


def tokens(*parts):
    return stack(*parts, shape=(STEPS,))


def recurrent_layers():
    """One of each, without a head of its own type."""
    return stack(
        L.LSTM(16, return_sequences=True),
        L.GRU(12, return_sequences=True),
        L.GRU(12, return_sequences=True, reset_after=False),
        L.SimpleRNN(10, return_sequences=True),
        L.RNN([L.LSTMCell(9), L.GRUCell(8)]),
        L.Dense(1),
    )


def operations():
    x = keras.Input((STEPS, FEATURES))
    a, b, c = L.LSTM(8)(x), L.GRU(8)(x), L.SimpleRNN(8)(x)
    y = L.Concatenate()([L.Average()([a, b, c]), L.Multiply()([a, b, c]), L.Add()([a, b, c])])
    return keras.Model(x, L.Dense(1)(keras.ops.tanh(y * y + y)))


def attention():
    x = keras.Input((STEPS, FEATURES))
    y = L.LSTM(12, return_sequences=True)(x)
    y = L.GlobalAveragePooling1D()(L.Add()([y, L.Attention()([y, y])]))
    return keras.Model(x, L.Dense(1)(y))


def attentions():
    """Each behind a mask, of values and queries, and what they put out as means of the steps that count."""
    x = keras.Input((STEPS, FEATURES))
    masked = L.Masking()(x)
    # Keras' MultiHeadAttention takes the mask off what it is given.
    y, *own = (L.LSTM(12, return_sequences=True)(masked) for _ in range(3))
    heads = L.MultiHeadAttention(3, 5, dropout=0.1)
    parts = [
        L.Attention(use_scale=True)([y, y]),
        L.Attention()([y, y], use_causal_mask=True),
        L.Attention(score_mode="concat", use_scale=True)([y, y]),
        L.AdditiveAttention()([y, y]),
        heads(own[0], own[0]),
        heads(own[1], own[1], use_causal_mask=True),
        L.Multiply()([y, L.GRU(12, return_sequences=True)(y), L.SimpleRNN(12, return_sequences=True)(y)]),
    ]
    return keras.Model(x, L.Dense(1)(L.Concatenate()([L.GlobalAveragePooling1D()(part) for part in parts])))


def many_heads():
    """Without dropout Keras computes them in another way."""
    x = keras.Input((None, FEATURES))
    y = L.LSTM(14, return_sequences=True)(L.Masking()(x))
    y = L.LSTM(12, return_sequences=True)(L.MultiHeadAttention(2, 20, value_dim=11)(y, y))
    y = L.MultiHeadAttention(3, 5)(y, y, use_causal_mask=True)
    return keras.Model(x, L.Dense(1)(L.GlobalAveragePooling1D()(y)))


def long_mean():
    """From 16 steps on TensorFlow adds up several sums, but where rows of values end."""
    return stack(L.Masking(), L.SimpleRNN(13, return_sequences=True), L.GlobalAveragePooling1D(), L.Dense(1), shape=(30, FEATURES))


def hard_gates():
    hard = {"recurrent_activation": "hard_sigmoid"}
    return stack(
        L.LSTM(12, return_sequences=True, **hard),
        L.LSTM(10, return_sequences=True, recurrent_dropout=0.1, **hard),
        L.LSTM(8, return_sequences=True, activation="hard_sigmoid", **hard),
        L.GRU(8, return_sequences=True, activation="celu", **hard),
        L.GRU(8, reset_after=False, **hard),
        L.Dense(6, activation="celu"),
        L.Dense(6, activation="hard_silu"),
        L.Dense(1),
    )


def activations():
    """Those that TensorFlow makes of several operations, or approximates."""
    names = ["elu", "selu", "gelu", "swish", "mish", "softplus", "softsign", "hard_sigmoid", "leaky_relu", "log_sigmoid", "squareplus"]
    x = keras.Input((STEPS, FEATURES))
    y = L.LSTM(12)(x)
    return keras.Model(x, L.Dense(1)(L.Concatenate()([L.Dense(4, activation=name)(y) for name in names])))


def norms():
    return stack(
        L.LayerNormalization(),
        L.Conv1D(8, 3, activation="relu", padding="same"),
        L.MaxPooling1D(2),
        L.LSTM(12, return_sequences=True),
        L.BatchNormalization(),
        L.AveragePooling1D(2),
        L.Bidirectional(L.GRU(6)),
        L.LayerNormalization(),
        L.Dense(1),
    )


def wide():
    return stack(L.LSTM(16), L.Dense(200, activation="softmax"))


def gate_by_gate():
    """Layers of implementation 1, which Bidirectional makes anew without it where it reads forwards."""
    apart = {"implementation": 1}
    return stack(
        L.LSTM(16, return_sequences=True, **apart),
        L.Bidirectional(L.LSTM(10, return_sequences=True, **apart), backward_layer=L.LSTM(10, return_sequences=True, go_backwards=True, **apart)),
        L.GRU(12, return_sequences=True, **apart),
        L.RNN([L.LSTMCell(9, **apart), L.GRUCell(8, reset_after=False, **apart)]),
        L.Dense(1),
    )


def wrapped():
    """Wrappers of another type than what they wrap."""
    return stack(
        L.Bidirectional(L.LSTM(10, return_sequences=True), dtype="float32"),
        L.TimeDistributed(L.Dense(8, activation="tanh", dtype="float32")),
        L.Bidirectional(L.GRU(7), merge_mode="sum", dtype="float32"),
        L.Dense(1),
    )


def float_head():
    return tokens(
        L.Embedding(WORDS, 10, mask_zero=True),
        L.Bidirectional(L.LSTM(12)),
        L.Dense(CLASSES, activation="softmax", dtype="float32"),
    )


MODELS = {
    "recurrent": (recurrent_layers, "mse"),
    "masked": (lambda: stack(L.Masking(), L.LSTM(12, return_sequences=True), L.GRU(8), L.Dense(1)), "mae"),
    "tokens": (float_head, CLASSIFIED),
    "classes": (lambda: tokens(L.Embedding(WORDS, 10), L.LSTM(16), L.Dense(CLASSES, activation="softmax")), CLASSIFIED),
    "wide": (wide, CLASSIFIED),
    "yes": (lambda: stack(L.GRU(12), L.Dense(1, activation="sigmoid")), "binary_crossentropy"),
    "tagger": (
        lambda: stack(L.LSTM(12, return_sequences=True), L.TimeDistributed(L.Dense(CLASSES, activation="softmax"))),
        CLASSIFIED,
    ),
    "operations": (operations, "mse"),
    "attention": (attention, "mse"),
    "attentions": (attentions, "mse"),
    "many_heads": (many_heads, "mse"),
    "long_mean": (long_mean, "mse"),
    "hard_gates": (hard_gates, "mse"),
    "activations": (activations, "mse"),
    "norms": (norms, "mse"),
    "gate_by_gate": (gate_by_gate, "mse"),
    "wrapped": (wrapped, "mse"),
}
# Keras 3 reads the implementation, but does not write it.
GATE_BY_GATE = {"gate_by_gate"}


def targets(loss, model, rng):
    if loss == CLASSIFIED:
        *steps, classes = model.output_shape[1:]
        return rng.integers(0, classes, (SAMPLES, *steps)).astype("int32")
    if loss == "binary_crossentropy":
        return rng.integers(0, 2, (SAMPLES, 1)).astype("int32")
    return rng.normal(size=(SAMPLES, 1)).astype("float32")


def inputs(model, rng):
    """Sequences of several lengths: what is left is 0."""
    steps = model.input_shape[1] or STEPS
    real = np.arange(steps) < rng.integers(1, steps + 1, (SAMPLES, 1))
    if len(model.input_shape) == 2:
        return (rng.integers(1, WORDS, (SAMPLES, steps)) * real).astype("int32")
    return (rng.normal(size=(SAMPLES, steps, FEATURES)) * real[..., None]).astype("float32")


def with_implementation(config):
    """A configuration in which all LSTM and GRU are of implementation 1."""
    if isinstance(config, list):
        return [with_implementation(part) for part in config]
    if not isinstance(config, dict):
        return config
    config = {key: with_implementation(part) for key, part in config.items()}
    if config.get("class_name") in ("LSTM", "GRU", "LSTMCell", "GRUCell"):
        config["config"]["implementation"] = 1
    return config


def write_implementation(path):
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    entries["config.json"] = json.dumps(with_implementation(json.loads(entries["config.json"]))).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)


def make(folder):
    judged = []
    for policy in ("mixed_float16", "mixed_bfloat16"):
        for name, (build, loss) in MODELS.items():
            keras.utils.set_random_seed(3)
            keras.config.set_dtype_policy(policy)
            model = build()
            keras.config.set_dtype_policy("float32")
            rng = np.random.default_rng(5)
            for weight in model.weights:
                if weight.name in ("bias", "beta", "gamma", "moving_variance"):
                    weight.assign(rng.uniform(0.3, 1.2, weight.shape))
            model.compile(optimizer="sgd", loss=loss)
            x, y = inputs(model, rng), targets(loss, model, rng)
            path = folder / f"{policy}_{name}"
            model.save(f"{path}.keras")
            if name in GATE_BY_GATE:
                write_implementation(Path(f"{path}.keras"))
                model = keras.saving.load_model(f"{path}.keras")
            np.savez(f"{path}.npz", x_test=x, y_test=y)
            judged.append({"name": path.name, "loss": model.evaluate(x, y, verbose=0)})
    return judged


def evaluate(folder):
    losses = {}
    for path in sorted(folder.glob("*.pruned.keras")):
        name = path.name.removesuffix(".pruned.keras")
        data = np.load(folder / f"{name}.npz")
        losses[name] = keras.saving.load_model(path).evaluate(data["x_test"], data["y_test"], verbose=0)
    return losses


if __name__ == "__main__":
    if sys.argv[1] == "--evaluate":
        print(json.dumps(evaluate(Path(sys.argv[2]))))
    else:
        print(json.dumps(make(Path(sys.argv[1]))))
