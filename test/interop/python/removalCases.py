"""Models with whole layers that can leave, each built with them and without them, under the same names.

Of a class the first goes where others follow, so that the file counts its groups anew.
"""

from collections.abc import Callable
from dataclasses import dataclass

from case import Case, F, H, T
from keras import Input, Model, Sequential, layers

SEQUENCES = {"return_sequences": True}


@dataclass
class RemovalCase:
    name: str
    # Builds the model, without the layers that leave where that is asked for.
    build: Callable[[bool], Model]
    # Recurrent layers that leave, as the extension names them.
    leaving: tuple
    inputs: tuple = ("normal",)
    compiled: bool = False

    def case(self, without: bool) -> Case:
        loss = {"targets": "real", "loss": "mean_squared_error"} if self.compiled else {}
        name = f"{self.name}.without" if without else self.name
        return Case(name, lambda: self.build(without), inputs=self.inputs, **loss)


def removal_cases():
    yield from stacks()
    yield from bidirectional()
    yield from residuals()
    yield from nested()


def stack(leaving, *members, shape=(T, F)):
    """A Sequential of (name, layer): what is in `leaving` is left out of the model without."""

    def build(without):
        kept = [make(name) for name, make in members if not (without and name in leaving)]
        return Sequential([Input(shape, name="x"), *kept], name="stack")

    return build


def cell(kind, units=H, **more):
    return lambda name: kind(units, name=name, **SEQUENCES, **more)


def head(kind=layers.LSTM):
    return (("last", lambda name: kind(5, name=name)), ("out", lambda name: layers.Dense(2, name=name)))


def stacks():
    embedding = ("embedding", lambda name: layers.Embedding(11, 8, mask_zero=True, name=name))
    lstms = [(name, cell(layers.LSTM, 8)) for name in ("a", "b")]
    for leaving in (("a",), ("b",), ("a", "b")):
        yield RemovalCase(
            f"LSTM_without_{'_'.join(leaving)}",
            stack(leaving, embedding, *lstms, *head(), shape=(T,)),
            leaving,
            inputs=("ids",),
            compiled=True,
        )
    yield RemovalCase("first_of_all", stack(("a",), ("a", cell(layers.GRU, F)), ("b", cell(layers.GRU)), *head(layers.GRU)), ("a",))
    for kind in (layers.GRU, layers.SimpleRNN):
        dropouts = [(name, lambda name: layers.Dropout(0.2, name=name)) for name in ("drop", "drop_again")]
        noise = ("noise", lambda name: layers.GaussianNoise(0.1, name=name))
        members = [("a", cell(kind)), dropouts[0], noise, ("b", cell(kind, dropout=0.1)), dropouts[1], *head(kind)]
        yield RemovalCase(f"{kind.__name__}_between_dropouts", stack(("b",), *members), ("b",))


def bidirectional():
    for mode, units in (("sum", 8), ("ave", 8), ("concat", 4)):

        def both(name, mode=mode, units=units):
            inner = layers.LSTM(units, name=f"{name}_lstm", **SEQUENCES)
            return layers.Bidirectional(inner, merge_mode=mode, name=name)

        masking = ("masking", lambda name: layers.Masking(name=name))
        members = (masking, ("a", cell(layers.LSTM, 8)), ("both", both), ("again", both), *head())
        yield RemovalCase(
            f"Bidirectional_{mode}", stack(("both",), *members), ("both/forward + both/backward",), inputs=("padded",)
        )


def residuals():
    def block(x, name, units=H):
        inner = layers.LSTM(units, name=name, **SEQUENCES)(layers.LayerNormalization(name=f"{name}_norm")(x))
        return layers.Add(name=f"{name}_sum")([x, layers.Dropout(0.2, name=f"{name}_drop")(inner)])

    def blocks(leaving):
        def build(without):
            x = Input((T, F), name="x")
            y = layers.Dense(H, name="wide")(x)
            for name in ("a", "b"):
                y = y if without and name in leaving else block(y, name)
            return Model(x, layers.Dense(2, name="out")(layers.LSTM(5, name="last")(y)), name="residual")

        return build

    def masked(without):
        x = Input((T,), name="x")
        y = layers.Embedding(11, H, mask_zero=True, name="embedding")(x)
        for name in ("a", "b"):
            y = y if without and name == "a" else block(y, name)
        return Model(x, layers.Dense(2, name="out")(layers.LSTM(5, name="last")(y)), name="masked")

    def of_operators(without):
        x = Input((T, F), name="x")
        y = layers.GRU(H, name="a", **SEQUENCES)(x)
        y = y if without else y + layers.GRU(H, name="b", **SEQUENCES)(y)
        return Model(x, layers.Dense(2, name="out")(layers.GRU(5, name="last")(y)), name="operators")

    def of_dicts(without):
        x = Input((T, F), name="x")
        y = layers.Dense(H, name="wide")(x)
        y = block(y, "a") if without else block(block(y, "a"), "b")
        return Model({"x": x}, {"steps": layers.Dropout(0.1, name="out")(y)}, name="dicts")

    def called_twice(without):
        """The first call of a layer goes, its second one becomes the first."""
        x = Input((T, H), name="x")
        dense = layers.Dense(H, activation="tanh", name="dense")
        y = x if without else layers.Add(name="sum")([x, layers.LSTM(H, name="a", **SEQUENCES)(dense(x))])
        return Model(x, layers.Dense(2, name="out")(layers.LSTM(5, name="last")(dense(y))), name="twice")

    for leaving in (("a",), ("b",), ("a", "b")):
        yield RemovalCase(f"residual_without_{'_'.join(leaving)}", blocks(leaving), leaving)
    yield RemovalCase("residual_of_dicts", of_dicts, ("b",), compiled=True)
    yield RemovalCase("residual_masked", masked, ("a",), inputs=("ids",))
    yield RemovalCase("residual_of_operators", of_operators, ("b",))
    yield RemovalCase("called_twice", called_twice, ("a",))


def nested():
    def encoder(names):
        return Sequential([Input((T, H), name="y"), *(layers.GRU(H, name=name, **SEQUENCES) for name in names)], name="encoder")

    def reader():
        y = Input((T, H), name="y")
        return Model(y, layers.Add(name="sum")([y, layers.LSTM(H, name="a", **SEQUENCES)(y)]), name="reader")

    def around(inner):
        x = Input((T, F), name="x")
        y = layers.Dense(H, name="wide")(x)
        for model in inner:
            y = model(y)
        return Model(x, layers.Dense(2, name="out")(layers.LSTM(5, name="last")(y)), name="around")

    yield RemovalCase("nested_layer", lambda without: around([encoder("bc" if without else "abc"), reader()]), ("encoder/a",))
    yield RemovalCase("nested_whole", lambda without: around([encoder("ab")] if without else [reader(), encoder("ab")]), ("reader/a",))
