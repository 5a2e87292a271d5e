"""Cases of layerCases.py of what reads masked tensors that a MultiHeadAttention reads, too: Keras takes their masks off in its call."""

from case import Case, F, T
from keras import Input, Model, layers

SEQUENCES = {"return_sequences": True}
TRAINED = {"targets": "real", "loss": "mean_squared_error"}
WIDTH = 6


def taken_mask_cases():
    for name, build in {
        "Add": lambda r: attended(layers.Add()([r, attended(r)])),
        "Multiply": lambda r: attended(layers.Multiply()([r, attended(r)])),
        "Maximum": lambda r: layers.Maximum()([r, attended(r)]),
        "Concatenate": lambda r: attended(layers.Concatenate()([r, attended(r)])),
        "operation": lambda r: attended(r + attended(r)),
        "twice": lambda r: layers.Concatenate()([attended(r), attended(r)]),
        "twice_the_second_later": lambda r: layers.Concatenate()([attended(r), layers.Dense(4)(attended(r))]),
        "twice_the_first_later": lambda r: layers.Concatenate()([layers.Dense(4)(attended(r)), attended(r)]),
        "Dense": lambda r: attended(layers.Add()([layers.Dense(WIDTH)(r), attended(r)])),
        "Dense_before": lambda r: attended(layers.Add()([layers.Dense(WIDTH)(r), layers.Dense(WIDTH)(attended(r))])),
        "BatchNormalization": lambda r: attended(layers.BatchNormalization()(layers.Add()([r, attended(r)]))),
        "TimeDistributed": lambda r: attended(layers.TimeDistributed(layers.Dense(4))(layers.Add()([r, attended(r)]))),
        "LSTM": lambda r: attended(layers.LSTM(4, **SEQUENCES)(layers.Add()([r, attended(r)]))),
        "Attention": lambda r: layers.Attention()([layers.Add()([r, attended(r)]), r]),
        "by_name": lambda r: layers.Add()([layers.MultiHeadAttention(2, 3)(query=r, value=r, key=r), attended(r)]),
        "shared": shared,
        "cross": cross,
        "nested": nested,
        "nested_alone": nested_alone,
        "nested_LSTM": nested_lstm,
        "nested_beside": beside,
        "nested_beside_handed_on": lambda r: layers.Dense(4)(layers.LSTM(4, **SEQUENCES)(layers.Dense(5)(beside(r)))),
        "nested_beside_both": lambda r: layers.Concatenate()([beside(r), layers.Add()([within_dense(r), r])]),
        "nested_puts_back": puts_back,
        "nested_masked_again": lambda r: layers.Concatenate()([layers.Masking()(within_dense(r)), r]),
        "two_blocks": blocks,
    }.items():
        yield Case(f"taken_mask_{name}", pooled(build), inputs=("padded",), **TRAINED)
    # What dropout puts out is the tensor that it reads, but for training.
    for name, make in {"Dropout": layers.Dropout, "SpatialDropout1D": layers.SpatialDropout1D}.items():
        yield Case(f"taken_mask_{name}", pooled(lambda r, make=make: dropped(r, make(0.3))), inputs=("padded",))
    yield Case("taken_mask_of_the_output", lambda: model(lambda r: attended(layers.Add()([r, attended(r)]))), inputs=("padded",), **TRAINED)
    handed_on = lambda r: layers.LayerNormalization()(layers.Add()([r, attended(r)]))  # noqa: E731
    yield Case("taken_mask_handed_on", lambda: model(handed_on), inputs=("padded",), **TRAINED)


def model(build):
    x = Input((T, F), name="x")
    return Model(x, layers.Dense(2)(build(layers.LSTM(WIDTH, **SEQUENCES)(layers.Masking()(x)))))


def pooled(build):
    return lambda: model(lambda r: layers.GlobalAveragePooling1D()(build(r)))


def attended(query, value=None):
    return layers.MultiHeadAttention(2, 3)(query, query if value is None else value)


def shared(r):
    attention = layers.MultiHeadAttention(2, 3)
    first = layers.LayerNormalization()(layers.Add()([r, attention(r, r)]))
    return layers.Add()([first, attention(first, first)])


def cross(r):
    decoded = layers.GRU(WIDTH, **SEQUENCES)(r)
    first = layers.Add()([decoded, attended(decoded, r)])
    return layers.Add()([first, attended(first, r)])


def nested(r):
    inner = Input((T, WIDTH))
    within = Model(inner, attended(inner))
    return attended(layers.Add()([r, within(r)]))


def nested_alone(r):
    inner = Input((T, WIDTH))
    within = Model(inner, attended(inner))
    other = layers.GRU(WIDTH, **SEQUENCES)(r)
    return layers.Add()([layers.Multiply()([r, other]), layers.Dense(WIDTH)(within(r))])


def nested_lstm(r):
    inner = Input((T, WIDTH))
    within = Model(inner, layers.LSTM(4, **SEQUENCES)(inner))
    return attended(within(layers.Add()([r, attended(r)])))


def within_dense(r):
    inner = Input((T, WIDTH))
    return Model(inner, layers.Dense(WIDTH, activation="relu")(inner))(r)


def beside(r):
    """Whose mask is built of that of one tensor and ones: Keras does not see the other one's, which comes out of a nested model."""
    return layers.Concatenate()([within_dense(r), r])


def puts_back(r):
    """The nested model is given the mask that it puts on the tensor again, after the attention has taken it off."""
    first = layers.Dense(4)(layers.Dense(4)(attended(r)))
    return layers.Add()([layers.Dense(4)(r), layers.Add()([first, layers.Dense(4)(within_dense(r))])])


def blocks(r):
    for _ in range(2):
        first = layers.LayerNormalization()(layers.Add()([r, attended(r)]))
        r = layers.LayerNormalization()(layers.Add()([first, layers.Dense(WIDTH)(layers.Dense(8, activation="relu")(first))]))
    return r


def dropped(r, dropout):
    fallen = dropout(r)
    return attended(layers.Add()([r, attended(fallen)]))
