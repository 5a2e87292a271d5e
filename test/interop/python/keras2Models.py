"""keras2Models.py FOLDER: models of Keras 2, of which TensorFlow still holds a copy (without wrappers and normalisation).

They are those in which masks follow other rules than in Keras 3. Writes NAME.h5 and prints [{ name, inputs, output }], the arrays as
{ shape, dtype, base64 }.
"""

import json
import sys
from pathlib import Path

import numpy as np
import tensorflow.python.keras as keras
from packed import packed
from tensorflow.python.keras.engine.input_layer import Input
from tensorflow.python.keras.engine.sequential import Sequential
from tensorflow.python.keras.engine.training import Model
from tensorflow.python.keras.layers import core, dense_attention, merge, pooling
from tensorflow.python.keras.layers.recurrent import LSTM

# The copy has lost its version, which files carry.
keras.__version__ = "2.6.0"
T, F, H = 5, 3, 7
MERGES = (merge.Add, merge.Subtract, merge.Multiply, merge.Average, merge.Maximum, merge.Minimum, merge.Concatenate)
ATTENTIONS = {
    "Attention": dense_attention.Attention,
    "Attention_scaled": lambda: dense_attention.Attention(use_scale=True),
    "AdditiveAttention": dense_attention.AdditiveAttention,
    "Attention_causal": lambda: dense_attention.Attention(causal=True),
    "AdditiveAttention_causal": lambda: dense_attention.AdditiveAttention(causal=True),
}


def sequence(length, masked):
    """An input, and an LSTM's outputs over it, masked steps left out."""
    x = Input((length, F))
    return x, LSTM(H, return_sequences=True)(core.Masking()(x) if masked else x)


def models():
    """name, lengths of the inputs, whether each is masked, what comes of their sequences, and how the model takes them where not in a list."""
    for masks in ((False, False), (True, False), (False, True), (True, True)):
        label = "_".join("masked" if mask else "plain" for mask in masks)
        for layer in MERGES:
            yield f"{layer.__name__}_{label}", (T, T), masks, lambda *all, layer=layer: LSTM(3)(layer()(list(all)))
        for name, make in ATTENTIONS.items():
            yield f"{name}_{label}", (T, 4), masks, lambda *all, make=make: LSTM(3, return_sequences=True)(make()(list(all)))
        yield f"states_{label}", (T, 4), masks, lambda x, y: LSTM(H)(y, initial_state=LSTM(H, return_state=True)(x)[1:])
    for masked in (False, True):
        for layer in (pooling.GlobalAveragePooling1D, pooling.GlobalMaxPooling1D):
            yield f"{layer.__name__}_{masked}", (T,), (masked,), lambda x, layer=layer: core.Dense(2)(layer()(x))
        yield f"Permute_{masked}", (T,), (masked,), lambda x: LSTM(2)(core.Permute((2, 1))(x))
    yield "nested", (T,), (False,), nested
    yield "dicts", (T, 4), (False, False), within, dict_of
    yield "RepeatVector", (T,), (False,), lambda x: LSTM(2)(core.RepeatVector(3)(LSTM(H)(x)))


def draw(length, masked, random):
    x = random.normal(0, 1, (4, length, F)).astype(np.float32)
    if masked:
        for row, end in enumerate((length, 3, 2, 4)):
            x[row, end:] = 0
        x[-1, 0] = 0  # a gap at the start
    return x


def dict_of(inputs):
    """Keras sorts the keys."""
    first, second = inputs
    return {"b": second, "a": first}


def nested(x):
    """Models of both kinds in a model, one of them called twice: their calls are counted from 1."""
    a = Input((T, H))
    twice = Model(a, LSTM(H, return_sequences=True)(a))
    return Sequential([Input((T, H)), LSTM(3, return_sequences=True), LSTM(2)])(merge.Add()([twice(twice(x)), x]))


def within(x, y):
    """What a model puts out that is called with a dict and puts one out."""
    p, q = Input((T, H)), Input((4, H))
    inner = Model({"q": q, "p": p}, {"d": LSTM(3)(p), "c": LSTM(2)(q)})
    both = inner({"q": y, "p": x})
    return merge.Concatenate()([both["d"], both["c"]])


def make(folder, name, lengths, masks, build, structure=list):
    random = np.random.default_rng(8)
    inputs, sequences = zip(*map(sequence, lengths, masks), strict=True)
    model = Model(structure(inputs), build(*sequences))
    model.set_weights([random.normal(0, 0.5, weight.shape).astype(np.float32) for weight in model.get_weights()])
    x = [draw(length, mask, random) for length, mask in zip(lengths, masks, strict=True)]
    output = model(structure(x) if len(x) > 1 else x[0], training=False).numpy()
    model.save(str(folder / f"{name}.h5"), save_format="h5")
    return {"name": name, "inputs": [packed(one) for one in x], "output": packed(output)}


def main():
    folder = Path(sys.argv[1])
    print(json.dumps([make(folder, *model) for model in models()]))


if __name__ == "__main__":
    main()
