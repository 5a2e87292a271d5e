"""Cases of modelCases.py of Keras 3's operations over one tensor, between recurrent layers."""

from case import Case, F, H, T
from keras import Input, Model, activations, layers, ops

SEQUENCES = {"return_sequences": True}
TRAINED = {"targets": "real", "loss": "mean_squared_error"}

# Of a sequence [B,T,H] whose values are between 0 and 1; all keep the shape.
FUNCTIONS = {
    "relu": ops.relu,
    "relu6": ops.relu6,
    "relu_leaky": lambda x: activations.relu(-x, negative_slope=0.1),
    "sigmoid": ops.sigmoid,
    "tanh": ops.tanh,
    "softmax": ops.softmax,
    "softmax_of_steps": lambda x: ops.softmax(x, axis=1),
    "log_softmax": ops.log_softmax,
    "gelu": ops.gelu,
    "gelu_exact": lambda x: ops.gelu(x, approximate=False),
    "silu": ops.silu,
    "elu": lambda x: ops.elu(-x, alpha=0.5),
    "selu": ops.selu,
    "celu": lambda x: ops.celu(-x, alpha=0.5),
    "leaky_relu": lambda x: ops.leaky_relu(-x),
    "softplus": ops.softplus,
    "softsign": ops.softsign,
    "hard_sigmoid": ops.hard_sigmoid,
    "hard_silu": ops.hard_silu,
    "hard_tanh": ops.hard_tanh,
    "log_sigmoid": ops.log_sigmoid,
    "squareplus": ops.squareplus,
    "tanh_shrink": ops.tanh_shrink,
    "soft_shrink": lambda x: ops.soft_shrink(x, 0.3),
    "hard_shrink": lambda x: ops.hard_shrink(x, 0.3),
    "sparse_plus": ops.sparse_plus,
    "sparse_sigmoid": ops.sparse_sigmoid,
    "exp": ops.exp,
    "log": ops.log,
    "sqrt": ops.sqrt,
    "reciprocal": ops.reciprocal,
    "abs": lambda x: abs(-x),
    "negative": ops.negative,
    "square": ops.square,
    "sin": ops.sin,
    "cos": ops.cos,
    "erf": ops.erf,
    "clip": lambda x: ops.clip(x, 0.2, 0.7),
    "flip": lambda x: ops.flip(x, 1),
    "expand_dims_squeeze": lambda x: ops.squeeze(ops.expand_dims(x, 2), 2),
    "expand_dims_squeeze_last": lambda x: ops.squeeze(ops.expand_dims(x, -1), -1),
}

# Those after which a sequence has another shape, or none is left.
SHAPES = {
    "reshape": lambda x: ops.reshape(x, (-1, H, T)),
    "transpose": lambda x: ops.transpose(x, (0, 2, 1)),
    "swapaxes": lambda x: ops.swapaxes(x, -1, 1),
    "mean_kept": lambda x: ops.mean(x, axis=1, keepdims=True),
    "mean_of_features": lambda x: ops.mean(x, axis=-1, keepdims=True),
    "sum_kept": lambda x: ops.sum(x, axis=1, keepdims=True),
    "mean": lambda x: ops.expand_dims(ops.mean(x, axis=1), 1),
    "sum": lambda x: ops.expand_dims(ops.sum(x, axis=1), 1),
    "max": lambda x: ops.expand_dims(ops.max(x, axis=1), 1),
    "amin": lambda x: ops.expand_dims(ops.amin(x, axis=1), 1),
    "max_of_features": lambda x: ops.expand_dims(ops.max(x, axis=2), -1),
}

# Refused by name: they mix samples, take numbers, or are no operator of ours.
OTHERS = {
    "mean_of_all": lambda x: ops.expand_dims(x * ops.mean(x), -1)[:, :, :, 0],
    "reshape_mixed": lambda x: ops.reshape(ops.reshape(x, (-1, H)), (-1, T, H)),
    "max_initial": lambda x: ops.expand_dims(ops.max(x, axis=1, initial=0.5), 1),
    "log1p": ops.log1p,
    "times": lambda x: x * 2,
}


def operation_cases():
    def behind(function, mask):
        def build():
            x = Input((T, F), name="x")
            sequence = layers.LSTM(H, **SEQUENCES)(layers.Masking()(x) if mask else x)
            return Model(x, layers.GRU(3)(function(layers.Dense(H, activation="sigmoid")(sequence))))

        return build

    for name, function in {**FUNCTIONS, **SHAPES}.items():
        yield Case(f"ops_{name}", behind(function, False), **TRAINED)
    # Operations hand no mask on.
    for name in ("relu", "mean", "transpose", "flip"):
        yield Case(f"ops_{name}_masked", behind({**FUNCTIONS, **SHAPES}[name], True), inputs=("padded",), **TRAINED)
    for name, function in OTHERS.items():
        yield Case(f"ops_{name}", behind(function, False), required=False)
    yield Case("ops_free_length", free_length, steps=9)


def free_length():
    x = Input((None, F), name="x")
    steps = layers.LSTM(H, **SEQUENCES)(x)
    wide = ops.squeeze(ops.expand_dims(ops.tanh(steps), 1), 1)
    return Model(x, layers.Dense(2)(ops.mean(wide, axis=1)))
