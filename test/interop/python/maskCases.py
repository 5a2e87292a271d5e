"""Where masks go: through layers of several inputs, both directions, models in models, and where they end. What reads them is an LSTM, a mean over
the steps, or the loss."""

from case import Case, F, H, T, sequential
from keras import Input, Model, Sequential, layers

SEQUENCES = {"return_sequences": True}
BOTH = ("padded", "padded")
ONE = ("padded", "normal")


def mask_cases():
    yield from both_directions()
    yield from several_inputs()
    yield from inside_models()
    yield from ends()


def trained(name):
    """Where the loss shows the mask."""
    return {"targets": "real", "loss": "mean_squared_error"} if name == "loss" else {}


def readers():
    """What comes behind a sequence [B,T,…], and shows its mask."""
    return {
        "LSTM": lambda x: layers.LSTM(3)(x),
        "mean": lambda x: layers.GlobalAveragePooling1D()(x),
        "loss": lambda x: layers.TimeDistributed(layers.Dense(2))(x),
    }


def both_directions():
    for mode in ("concat", "sum", "mul", "ave"):
        for name, read in readers().items():

            def build(mode=mode, read=read):
                ids = Input((T,), dtype="int32")
                x = layers.Embedding(11, 6, mask_zero=True)(ids)
                return Model(ids, read(layers.Bidirectional(layers.GRU(H, **SEQUENCES), merge_mode=mode)(x)))

            yield Case(f"masks_Bidirectional_{mode}_{name}", build, inputs=("ids",), **trained(name))


def several_inputs():
    joins = {
        "Add": layers.Add,
        "Multiply": layers.Multiply,
        "Maximum": layers.Maximum,
        "Concatenate": layers.Concatenate,
        "Attention": layers.Attention,
        "AdditiveAttention": layers.AdditiveAttention,
    }
    for kind, make in joins.items():
        for masked, inputs in ((2, BOTH), (1, ONE)):
            for name, read in readers().items():

                def build(make=make, masked=masked, read=read):
                    x, y = Input((T, F)), Input((T, F))
                    steps = [layers.Masking()(x), layers.Masking()(y) if masked == 2 else y]
                    joined = make()([layers.LSTM(H, **SEQUENCES)(one) for one in steps])
                    return Model([x, y], read(joined))

                yield Case(f"masks_{kind}_{masked}_{name}", build, inputs=inputs, **trained(name))
    for name, read in readers().items():

        def heads(read=read):
            x = Input((T, F))
            steps = layers.LSTM(H, **SEQUENCES)(layers.Masking()(x))
            return Model(x, read(layers.MultiHeadAttention(2, 3)(steps, steps)))

        yield Case(f"masks_MultiHeadAttention_{name}", heads, inputs=("padded",), **trained(name))


def inside_models():
    def inner(*stack, shape=(T, H)):
        return Sequential([Input(shape), *stack])

    for name, read in readers().items():

        def into(read=read):
            x = Input((T, F))
            steps = layers.LSTM(H, **SEQUENCES)(layers.Masking()(x))
            return Model(x, read(inner(layers.Dense(4), layers.GRU(5, **SEQUENCES))(steps)))

        def out_of(read=read):
            x = Input((T, F))
            return Model(x, read(inner(layers.Masking(), layers.LSTM(H, **SEQUENCES), shape=(T, F))(x)))

        def through_both(read=read):
            x = Input((T, F))
            first = inner(layers.Masking(), layers.LSTM(H, **SEQUENCES), shape=(T, F))
            second = inner(layers.Conv1D(H, 2, padding="same"), layers.LSTM(H, **SEQUENCES))
            return Model(x, read(layers.Add()([first(x), second(first(x))])))

        for label, build in (("into", into), ("out_of", out_of), ("through", through_both)):
            yield Case(f"masks_{label}_models_{name}", build, inputs=("padded",), **trained(name))


def ends():
    """Layers behind which there is no mask, and two that follow each other."""
    stacks = {
        "RepeatVector": lambda: [layers.LSTM(H), layers.RepeatVector(T), layers.LSTM(3, **SEQUENCES)],
        "Permute": lambda: [layers.LSTM(T, **SEQUENCES), layers.Permute((2, 1)), layers.LSTM(3, **SEQUENCES)],
        "Reshape": lambda: [layers.LSTM(H, **SEQUENCES), layers.Reshape((T * H, 1)), layers.LSTM(3)],
        "Flatten": lambda: [layers.Flatten(), layers.RepeatVector(2), layers.LSTM(3)],
        "Conv1D_shorter": lambda: [layers.LSTM(H, **SEQUENCES), layers.MaxPooling1D(2), layers.GRU(3, **SEQUENCES)],
        "again": lambda: [layers.LSTM(H, activation="relu", **SEQUENCES), layers.Masking(), layers.GRU(3, **SEQUENCES)],
        "TimeDistributed_Dropout": lambda: [layers.LSTM(H, **SEQUENCES), layers.TimeDistributed(layers.Dropout(0.1)), layers.GRU(3)],
    }
    for name, stack in stacks.items():
        yield Case(
            f"masks_{name}", lambda stack=stack: sequential(layers.Masking(), *stack(), layers.Dense(2)), inputs=("padded",)
        )
