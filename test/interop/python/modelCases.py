"""The models that the engine's forward is held against, one builder a case.

`cases()` yields Case objects. A builder returns an unbuilt-weights Keras model; makeModels.py draws the weights and inputs.
"""

from case import Case, F, H, T, sequential
from graphCases import graph_cases
from stateCases import state_cases
from keras import Input, Model, Sequential, layers, losses

ACTIVATIONS = (
    "linear relu sigmoid tanh softsign elu selu gelu softplus exponential hard_sigmoid silu leaky_relu relu6 mish hard_silu "
    "celu hard_shrink hard_tanh log_sigmoid soft_shrink softmax log_softmax squareplus tanh_shrink sparse_plus sparse_sigmoid"
).split()


def cases():
    yield from recurrent()
    yield from activations()
    yield from stacks()
    yield from masks()
    yield from dense_and_losses()
    yield from shapes()
    yield from types()
    yield from functional()
    yield from nested()
    yield from graph_cases()
    yield from state_cases()
    yield from named()


def recurrent():
    for cell in (layers.LSTM, layers.GRU, layers.SimpleRNN):
        name = cell.__name__
        for options in (
            {},
            {"return_sequences": True},
            {"go_backwards": True},
            {"go_backwards": True, "return_sequences": True},
            {"use_bias": False},
            {"unroll": True, "dropout": 0.3, "recurrent_dropout": 0.2},
        ):
            label = "_".join([name, *options]) or name
            yield Case(label, lambda cell=cell, options=options: sequential(cell(H, **options)))
        yield Case(f"{name}_one_step", lambda cell=cell: sequential(cell(H), shape=(1, F)), steps=1)
        yield Case(f"{name}_batch_1", lambda cell=cell: sequential(cell(H)), batch=1)
        yield Case(f"{name}_free_length", lambda cell=cell: sequential(cell(H), shape=(None, F)), steps=9)
        yield Case(f"{name}_one_unit", lambda cell=cell: sequential(cell(1), shape=(T, 1)))
    for use_bias in (True, False):
        for sequences in (True, False):
            options = {"reset_after": False, "use_bias": use_bias, "return_sequences": sequences}
            yield Case(
                f"GRU_reset_before_{use_bias}_{sequences}",
                lambda options=options: sequential(layers.GRU(H, **options)),
            )


def activations():
    for name in ACTIVATIONS:
        gain = 0.2 if name in ("exponential", "log_softmax") else 1.0
        yield Case(
            f"LSTM_activation_{name}",
            lambda name=name: sequential(layers.LSTM(H, activation=name, return_sequences=True)),
            gain=gain,
        )
        yield Case(
            f"LSTM_recurrent_activation_{name}",
            lambda name=name: sequential(layers.LSTM(H, recurrent_activation=name, return_sequences=True)),
            gain=gain,
        )
        yield Case(
            f"Dense_{name}",
            lambda name=name: sequential(layers.LSTM(H), layers.Dense(4, activation=name)),
        )
    for name in ("relu", "hard_sigmoid", "softsign"):
        yield Case(
            f"GRU_activations_{name}",
            lambda name=name: sequential(layers.GRU(H, activation=name, recurrent_activation="hard_sigmoid")),
        )
        yield Case(f"SimpleRNN_{name}", lambda name=name: sequential(layers.SimpleRNN(H, activation=name)))
        yield Case(
            f"Activation_{name}",
            lambda name=name: sequential(layers.LSTM(H), layers.Activation(name), layers.Dense(2)),
        )
    yield Case(
        "Activation_softmax",
        lambda: sequential(layers.LSTM(H, return_sequences=True), layers.Dense(4), layers.Activation("softmax")),
    )


def stacks():
    yield Case(
        "two_LSTM",
        lambda: sequential(layers.LSTM(H, return_sequences=True), layers.Dropout(0.5), layers.LSTM(5), layers.Dense(2)),
    )
    yield Case(
        "LSTM_GRU_RNN",
        lambda: sequential(
            layers.LSTM(H, return_sequences=True, go_backwards=True),
            layers.GRU(5, return_sequences=True),
            layers.SimpleRNN(4, return_sequences=True),
            layers.TimeDistributed(layers.Dense(3, activation="tanh")),
        ),
    )
    yield Case(
        "many_layers",  # lstm, lstm_1 … lstm_10: names that sort differently as text
        lambda: sequential(*(layers.LSTM(3, return_sequences=True) for _ in range(11)), layers.Dense(2)),
    )
    yield Case(
        "BatchNormalization_after",
        lambda: sequential(layers.LSTM(H, return_sequences=True), layers.BatchNormalization(), layers.Dense(2)),
    )
    yield Case(
        "BatchNormalization_before",
        lambda: sequential(layers.BatchNormalization(epsilon=0.1), layers.LSTM(H)),
    )
    yield Case(
        "BatchNormalization_axis_1",
        lambda: sequential(layers.BatchNormalization(axis=1, scale=False), layers.LSTM(H)),
    )
    yield Case(
        "BatchNormalization_bare",
        lambda: sequential(layers.LSTM(H), layers.BatchNormalization(center=False, scale=False), layers.Dense(2)),
    )
    yield Case(
        "Embedding_LSTM",
        lambda: sequential(layers.Embedding(11, 6), layers.LSTM(H), layers.Dense(2), shape=(T,)),
        inputs=("ids",),
    )


def masks():
    sequences = {"return_sequences": True}
    for cell in (layers.LSTM, layers.GRU, layers.SimpleRNN):
        for options in (
            {},
            sequences,
            {"go_backwards": True},
            {"go_backwards": True, **sequences},
            {"zero_output_for_mask": True, **sequences},
            {"zero_output_for_mask": True},
            {"zero_output_for_mask": True, "go_backwards": True, **sequences},
        ):
            yield Case(
                "_".join(["Masking", cell.__name__, *options]),
                lambda cell=cell, options=options: sequential(layers.Masking(), cell(H, **options)),
                inputs=("padded",),
                targets="real",
                loss="mean_squared_error",
            )
    yield Case(
        "Masking_value",
        lambda: sequential(layers.Masking(mask_value=-1.0), layers.LSTM(H), layers.Dense(2)),
        inputs=("padded-1",),
    )
    yield Case(
        "Masking_GRU_reset_before",
        lambda: sequential(layers.Masking(), layers.GRU(H, reset_after=False)),
        inputs=("padded",),
    )
    yield Case(
        "Masking_two_LSTM",
        lambda: sequential(
            layers.Masking(), layers.LSTM(H, **sequences), layers.Dropout(0.2), layers.LSTM(5), layers.Dense(2)
        ),
        inputs=("padded",),
    )
    yield Case(
        "Masking_backwards_then_forwards",  # the mask stays as it came while the sequence is reversed
        lambda: sequential(layers.Masking(), layers.LSTM(H, go_backwards=True, **sequences), layers.LSTM(5)),
        inputs=("padded",),
    )
    yield Case(
        "Masking_through_layers",
        lambda: sequential(
            layers.Masking(),
            layers.BatchNormalization(),
            layers.TimeDistributed(layers.Dense(4, activation="relu")),
            layers.Activation("tanh"),
            layers.LSTM(H, **sequences),
            layers.Dense(4, activation="softmax"),
        ),
        inputs=("padded",),
        targets="classes",
        loss="sparse_categorical_crossentropy",
    )
    yield Case(
        "Masking_Flatten",
        lambda: sequential(layers.Masking(), layers.LSTM(H, **sequences), layers.Flatten(), layers.Dense(3)),
        inputs=("padded",),
        targets="real",
        loss="mean_absolute_error",
    )
    yield Case(
        "Masking_all_steps_of_a_sample",
        lambda: sequential(layers.Masking(), layers.LSTM(H), layers.Dense(2)),
        inputs=("padded-all",),
    )
    for zero in (True, False):
        yield Case(
            f"Embedding_mask_zero_{zero}",
            lambda zero=zero: sequential(
                layers.Embedding(11, 6, mask_zero=zero),
                layers.LSTM(H, **sequences),
                layers.Dense(11, activation="softmax"),
                shape=(T,),
            ),
            inputs=("ids",),
            targets="classes",
            loss="sparse_categorical_crossentropy",
        )
    yield Case("Concatenate_masked_features", concatenate_masked(-1, True), inputs=("padded", "padded"))
    yield Case("Concatenate_masked_and_not", concatenate_masked(-1, False), inputs=("padded", "normal"))
    yield Case("Concatenate_masked_steps", concatenate_masked(1, True), inputs=("padded", "padded"), required=False)


def concatenate_masked(axis, both):
    def build():
        a, b = Input((T, F), name="a"), Input((T, F), name="b")
        masked_b = layers.Masking()(b) if both else b
        joined = layers.Concatenate(axis=axis)([layers.Masking()(a), masked_b])
        return Model([a, b], layers.LSTM(H)(joined))

    return build


def dense_and_losses():
    def head(units, activation, sequences=False):
        return lambda: sequential(
            layers.LSTM(H, return_sequences=sequences), layers.Dense(units, activation=activation)
        )

    logits = {"from_logits": True}
    for name, build, targets, loss in (
        ("mse", head(2, None), "real", "mse"),
        ("mse_steps", head(2, None, True), "real", "mean_squared_error"),
        ("mae", head(1, None), "real", "mean_absolute_error"),
        ("binary", head(1, "sigmoid"), "binary", "binary_crossentropy"),
        ("binary_several", head(3, "sigmoid"), "binary", "binary_crossentropy"),
        ("binary_steps", head(1, "sigmoid", True), "binary", "binary_crossentropy"),
        ("binary_logits", head(1, None), "binary", losses.BinaryCrossentropy(**logits)),
        ("categorical", head(4, "softmax"), "onehot", "categorical_crossentropy"),
        ("categorical_logits", head(4, None), "onehot", losses.CategoricalCrossentropy(**logits)),
        ("sparse", head(4, "softmax"), "classes", "sparse_categorical_crossentropy"),
        ("sparse_steps", head(4, "softmax", True), "classes", losses.SparseCategoricalCrossentropy()),
        ("sparse_logits", head(4, None, True), "classes", losses.SparseCategoricalCrossentropy(**logits)),
        ("mse_object", head(2, None), "real", losses.MeanSquaredError()),
    ):
        yield Case(f"loss_{name}", build, targets=targets, loss=loss)
    for name in ("huber", "log_cosh", "mean_squared_logarithmic_error", "kl_divergence", "poisson", "hinge"):
        yield Case(f"loss_{name}", head(2, "sigmoid"), targets="binary", loss=name, required=False)


def shapes():
    yield Case(
        "Flatten", lambda: sequential(layers.LSTM(H, return_sequences=True), layers.Flatten(), layers.Dense(2))
    )
    yield Case("Reshape_before", lambda: sequential(layers.Reshape((T, F)), layers.LSTM(H), shape=(F, T)))
    yield Case(
        "Reshape_after",
        lambda: sequential(layers.LSTM(H, return_sequences=True), layers.Reshape((-1, T)), layers.GRU(4)),
    )
    yield Case("Reshape_vector", lambda: sequential(layers.Dense(2 * T), layers.Reshape((T, 2)), layers.LSTM(H), shape=(F,)))
    yield Case("wide", lambda: sequential(layers.LSTM(65, return_sequences=True), layers.LSTM(33), shape=(17, 31)), steps=17)


def types():
    for dtype, tolerance in (("bfloat16", 0.05), ("float16", 0.005), ("float64", 1e-5)):
        # The usual orthogonal initialiser cannot make bfloat16.
        options = {"dtype": dtype, "recurrent_initializer": "glorot_uniform"}
        yield Case(
            f"dtype_{dtype}",
            lambda options=options: sequential(
                layers.LSTM(H, return_sequences=True, **options), layers.GRU(4, **options), layers.Dense(2)
            ),
            tolerance=tolerance,
        )


def functional():
    def several_inputs():
        a, b, ids = Input((T, F), name="a"), Input((4,), name="b"), Input((T,), dtype="int32", name="ids")
        words = layers.Embedding(9, 3)(ids)
        read = layers.LSTM(H)(layers.Concatenate()([a, words]))
        joined = layers.Concatenate()([read, layers.Dense(3, activation="relu")(b)])
        return Model([a, b, ids], layers.Dense(2)(joined))

    def concatenate_steps():
        a, b = Input((T, F), name="a"), Input((2, F), name="b")
        return Model([a, b], layers.LSTM(H)(layers.Concatenate(axis=1)([a, b])))

    def shared():
        a, b = Input((T, F), name="a"), Input((T, F), name="b")
        lstm, dense = layers.LSTM(H), layers.Dense(3, activation="tanh")
        return Model([a, b], layers.Dense(2)(layers.Concatenate()([dense(lstm(a)), dense(lstm(b))])))

    def branches():
        x = Input((T, F), name="x")
        forwards = layers.LSTM(4, return_sequences=True, name="forwards")(x)
        backwards = layers.GRU(3, return_sequences=True, name="backwards")(x)
        return Model(x, layers.TimeDistributed(layers.Dense(2))(layers.Concatenate(axis=2)([forwards, backwards])))

    def slashed():
        x = Input((T, F), name="x")
        return Model(x, layers.Dense(2, name="head_out")(layers.LSTM(H, name="LSTM.with-odd_name")(x)))

    yield Case("functional", branches)
    yield Case("functional_odd_names", slashed)
    yield Case(
        "several_inputs",
        several_inputs,
        inputs=("normal", "normal", "ids"),
        targets="real",
        loss="mean_squared_error",
    )
    yield Case("concatenate_steps", concatenate_steps, inputs=("normal", "normal"))
    yield Case("shared_layers", shared, inputs=("normal", "normal"))


def nested():
    def encoder(name):
        return Sequential(
            [Input((T, F)), layers.LSTM(H, return_sequences=True), layers.BatchNormalization(), layers.LSTM(4)], name=name
        )

    def functional_encoder(name, mask=False):
        x = Input((T, F))
        y = layers.Masking()(x) if mask else x
        return Model(x, layers.Dense(4)(layers.GRU(H, return_sequences=True)(y)), name=name)

    def sequential_in_functional():
        x = Input((T, F), name="x")
        return Model(x, layers.Dense(2)(encoder("encoder")(x)))

    def sequential_in_sequential():
        return sequential(encoder("encoder"), layers.Dense(2))

    def functional_in_functional():
        x = Input((T, F), name="x")
        return Model(x, layers.LSTM(3)(functional_encoder("encoder")(x)))

    def functional_in_sequential():
        return sequential(functional_encoder("encoder"), layers.LSTM(3))

    def thrice():
        x = Input((T, F), name="x")
        middle = Sequential([Input((T, F)), functional_encoder("inner"), layers.LSTM(3)], name="middle")
        return Model(x, layers.Dense(2)(middle(x)))

    def shared_model():
        a, b = Input((T, F), name="a"), Input((T, F), name="b")
        model = encoder("encoder")
        return Model([a, b], layers.Dense(2)(layers.Concatenate()([model(a), model(b)])))

    def mask_out_of_nested():
        x = Input((T, F), name="x")
        return Model(x, layers.LSTM(3)(functional_encoder("encoder", mask=True)(x)))

    def layer_inside_and_outside():
        lstm = layers.LSTM(F, return_sequences=True)
        inner_input, x = Input((T, F)), Input((T, F), name="x")
        inner = Model(inner_input, lstm(inner_input), name="inner")
        return Model(x, layers.Dense(2)(lstm(inner(x))))

    yield Case("layer_inside_and_outside", layer_inside_and_outside)
    yield Case("sequential_in_functional", sequential_in_functional)
    yield Case("sequential_in_sequential", sequential_in_sequential)
    yield Case("functional_in_functional", functional_in_functional)
    yield Case("functional_in_sequential", functional_in_sequential)
    yield Case("nested_thrice", thrice)
    yield Case("shared_nested_model", shared_model, inputs=("normal", "normal"))
    yield Case("mask_out_of_nested", mask_out_of_nested, inputs=("padded",))


def named():
    """Not computed yet: these may be computed rightly or must be named, and can be inspected all the same."""

    def state_into_state():
        a, b = Input((T, F), name="a"), Input((T, F), name="b")
        _, h, c = layers.LSTM(H, return_state=True)(a)
        return Model([a, b], layers.LSTM(H)(b, initial_state=[h, c]))

    def two_outputs():
        x = Input((T, F), name="x")
        h = layers.LSTM(H)(x)
        return Model(x, [layers.Dense(2)(h), layers.Dense(3)(h)])

    sequences = {"return_sequences": True}
    for name, stack in {
        "Conv1D": lambda: [layers.Conv1D(4, 2), layers.LSTM(H)],
        "activation_layers": lambda: [layers.LSTM(H), layers.LeakyReLU(), layers.ReLU(6.0)],
        "TimeDistributed_Dropout": lambda: [layers.LSTM(H, **sequences), layers.TimeDistributed(layers.Dropout(0.1))],
    }.items():
        yield Case(f"named_{name}", lambda stack=stack: sequential(*stack()), required=False)
    yield Case("named_initial_state", state_into_state, inputs=("normal", "normal"), required=False)
    yield Case("named_two_outputs", two_outputs, required=False)
