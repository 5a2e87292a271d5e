"""Cases of layerCases.py whose inputs and outputs are no plain lists: dicts, whose keys Keras sorts, tuples, and lists in lists."""

from case import Case, F, H, T
from keras import Input, Model, layers

TRAINED = {"targets": "onehot", "loss": "categorical_crossentropy"}


def structure_cases():
    # In the order of the keys, which is neither that of the dict nor that of the layers.
    kinds = ("normal", "ids")
    yield Case("dict_inputs", lambda: titled(dict_of), inputs=kinds, **TRAINED)
    yield Case("dict_outputs", lambda: titled(dict_of, lambda y: {"score": y}), inputs=kinds, **TRAINED)
    yield Case("dict_of_other_names", lambda: titled(lambda title, tags: {"b": title, "a": tags}), inputs=kinds, **TRAINED)
    yield Case("dict_masked", lambda: titled(dict_of, masked=True), inputs=kinds, **TRAINED)
    yield Case("dict_of_one", dict_of_one, **TRAINED)
    yield Case("tuples", lambda: titled(lambda *both: both, lambda y: (y,)), inputs=("ids", "normal"), **TRAINED)
    yield Case("nested_lists", lambda: titled(lambda title, tags: [title, [tags]], lambda y: [[y]]), inputs=("ids", "normal"))
    yield Case("nested_dicts", lambda: titled(lambda title, tags: {"z": {"title": title}, "a": [tags]}), inputs=kinds)
    yield Case("dict_within", dict_within, inputs=("ids", "normal"), **TRAINED)


def dict_of(title, tags):
    return {"title": title, "tags": tags}


def titled(structure, out=lambda y: y, masked=False):
    title, tags = Input((T,), name="title", dtype="int32"), Input((F,), name="tags")
    x = layers.Concatenate()([layers.LSTM(H)(layers.Embedding(11, 4, mask_zero=masked)(title)), tags])
    return Model(structure(title, tags), out(layers.Dense(3, activation="softmax")(x)))


def dict_of_one():
    x = Input((T, F), name="x")
    return Model({"x": x}, {"y": layers.Dense(3, activation="softmax")(layers.GRU(H)(x))})


def dict_within():
    """A model in a model that is called with a dict, and puts one out."""
    title, tags = Input((T,), name="a", dtype="int32"), Input((F,), name="b")
    inner = titled(dict_of, lambda y: {"score": y, "again": layers.Dense(2)(y)})
    both = inner({"title": title, "tags": tags})
    return Model([title, tags], layers.Dense(3, activation="softmax")(layers.Concatenate()([both["score"], both["again"]])))
