"""Models whose hidden units reach their readers in every way that the shrinking of files knows, or cannot follow."""

from case import Case, F, H, T, sequential
from keras import Input, Model, Sequential, layers, ops
from structureCases import dict_of, dict_within, titled

CELLS = (layers.LSTM, layers.GRU, layers.SimpleRNN)
SEQUENCES = {"return_sequences": True}


def shrink_cases():
    yield from stacks()
    yield from bidirectional()
    yield from branches()
    yield from shapes()
    yield from structures()
    yield from nested()
    yield from states_and_cells()
    yield from around()
    yield from frozen()


def stacks():
    for cell in CELLS:
        for sequences in (False, True):
            label = f"{cell.__name__}_{'sequence' if sequences else 'last'}"
            yield Case(
                f"stack_{label}",
                lambda cell=cell, sequences=sequences: sequential(
                    cell(H, **SEQUENCES), layers.Dropout(0.2), cell(6, return_sequences=sequences), layers.Dense(2)
                ),
            )
    yield Case("GRU_reset_before", lambda: sequential(layers.GRU(H, reset_after=False), layers.Dense(2)))
    yield Case("without_bias", lambda: sequential(layers.LSTM(H, use_bias=False), layers.Dense(2, use_bias=False)))
    yield Case("relu_cells", lambda: sequential(layers.GRU(H, activation="relu"), layers.Dense(2)), gain=0.5)
    yield Case("sigmoid_cells", lambda: sequential(layers.LSTM(H, activation="sigmoid"), layers.Dense(2)))
    yield Case("go_backwards", lambda: sequential(layers.LSTM(H, go_backwards=True, **SEQUENCES), layers.GRU(4), layers.Dense(2)))
    yield Case(
        "compiled",
        lambda: sequential(layers.LSTM(H, **SEQUENCES), layers.LSTM(6), layers.Dense(2)),
        targets="real",
        loss="mean_squared_error",
    )
    yield Case(
        "embedding",
        lambda: sequential(
            layers.Embedding(11, 6, mask_zero=True), layers.LSTM(H, **SEQUENCES), layers.LSTM(6), layers.Dense(11), shape=(T,)
        ),
        inputs=("ids",),
    )
    yield Case(
        "time_distributed",
        lambda: sequential(layers.LSTM(H, **SEQUENCES), layers.TimeDistributed(layers.Dense(4)), layers.GRU(5), layers.Dense(1)),
    )
    yield Case(
        "stateful",
        lambda: Sequential(
            [Input(batch_shape=(4, T, F)), layers.LSTM(H, stateful=True, **SEQUENCES), layers.GRU(6, stateful=True), layers.Dense(2)]
        ),
    )
    yield Case("free_steps", lambda: sequential(layers.LSTM(H, **SEQUENCES), layers.LSTM(5), layers.Dense(1), shape=(None, F)))


def states_and_cells():
    lstm, gru = layers.LSTMCell, layers.GRUCell
    yield Case("one_cell", lambda: sequential(layers.RNN(lstm(H), **SEQUENCES), layers.RNN(gru(5)), layers.Dense(2)))
    yield Case("stacked_cells", lambda: sequential(layers.RNN([lstm(H), gru(6)], **SEQUENCES), layers.LSTM(5), layers.Dense(2)))
    yield Case(
        "stacked_cells_both_ways",
        lambda: sequential(layers.LSTM(6, **SEQUENCES), layers.Bidirectional(layers.RNN([lstm(H), lstm(6)])), layers.Dense(2)),
    )
    yield Case("encoder_decoder", encoder_decoder, inputs=("normal", "normal"))
    yield Case("encoder_decoder_both_ways", encoder_decoder_both_ways, inputs=("normal", "normal"))


def encoder_decoder():
    x, y = Input((T, F)), Input((T, F))
    _, h, c = layers.LSTM(H, return_state=True)(x)
    decoded = layers.LSTM(H, **SEQUENCES)(y, initial_state=[h, c])
    return Model([x, y], layers.Dense(2)(decoded))


def encoder_decoder_both_ways():
    x, y = Input((T, F)), Input((T, F))
    _, *states = layers.Bidirectional(layers.GRU(H, return_state=True))(x)
    forward, backward = layers.Bidirectional(layers.GRU(H), merge_mode=None)(y, initial_state=states)
    return Model([x, y], layers.Dense(2)(layers.Concatenate()([forward, backward])))


def bidirectional():
    for mode in ("concat", "sum", "mul", "ave"):
        for sequences in (False, True):
            cells = CELLS if sequences and mode in ("concat", "sum") else CELLS[:1]
            for cell in cells:
                label = f"{cell.__name__}_{mode}_{'sequence' if sequences else 'last'}"
                yield Case(
                    f"Bidirectional_{label}",
                    lambda cell=cell, mode=mode, sequences=sequences: sequential(
                        layers.Bidirectional(cell(H, return_sequences=sequences), merge_mode=mode), layers.Dense(2)
                    ),
                )
    yield Case(
        "Bidirectional_stack",
        lambda: sequential(
            layers.Bidirectional(layers.LSTM(H, **SEQUENCES)), layers.Bidirectional(layers.GRU(5)), layers.Dense(2)
        ),
    )
    yield Case(
        "Bidirectional_masked",
        lambda: sequential(layers.Masking(), layers.Bidirectional(layers.LSTM(H, **SEQUENCES)), layers.LSTM(4), layers.Dense(2)),
        inputs=("padded",),
    )
    yield Case(
        "Bidirectional_backward_layer",
        lambda: sequential(
            layers.Bidirectional(layers.LSTM(H), backward_layer=layers.LSTM(H, activation="relu", go_backwards=True)),
            layers.Dense(2),
        ),
        gain=0.5,
    )


def branches():
    def functional(build):
        def made():
            x = Input((T, F), name="x")
            return Model(x, build(x))

        return made

    def residual(merge):
        def build(x):
            first = layers.LSTM(H, **SEQUENCES)(x)
            second = layers.LSTM(H, **SEQUENCES)(first)
            return layers.Dense(2)(merge()([first, second]))

        return functional(build)

    for merge in (layers.Add, layers.Subtract, layers.Multiply, layers.Average, layers.Maximum, layers.Minimum):
        yield Case(f"residual_{merge.__name__}", residual(merge))

    def residual_of_dense(x):
        wide = layers.Dense(H, activation="relu")(x)
        return layers.Dense(2)(layers.Add()([wide, layers.LSTM(H, **SEQUENCES)(wide)]))

    def residual_of_operators(x):
        first = layers.LSTM(H, **SEQUENCES)(x)
        return layers.Dense(2)(first + layers.GRU(H, **SEQUENCES)(first))

    def side_by_side(x):
        pair = [layers.LSTM(4, **SEQUENCES, name="a")(x), layers.GRU(4, **SEQUENCES, name="b")(x)]
        return layers.Dense(2)(layers.LSTM(5)(layers.Concatenate()([*pair, x])))

    def one_after_another(x):
        pair = [layers.LSTM(H, **SEQUENCES)(x), layers.GRU(H, **SEQUENCES)(x)]
        return layers.Dense(2)(layers.LSTM(5)(layers.Concatenate(axis=1)(pair)))

    def sum_of_concatenation(x):
        pair = layers.Concatenate()([layers.LSTM(4, **SEQUENCES)(x), layers.GRU(3, **SEQUENCES)(x)])
        return layers.Dense(2)(layers.Add()([pair, layers.LSTM(H, **SEQUENCES)(pair)]))

    def applied_twice(x):
        lstm = layers.LSTM(F, **SEQUENCES)
        first = layers.LSTM(F, **SEQUENCES)(x)
        return layers.Dense(2)(lstm(lstm(first)))

    def shared_dense(x):
        dense = layers.Dense(3)
        return layers.Concatenate()([dense(layers.LSTM(H)(x)), dense(layers.GRU(H)(x))])

    def attended(x):
        encoded = layers.LSTM(H, **SEQUENCES)(x)
        decoded = layers.GRU(H, **SEQUENCES)(x)
        context = layers.Attention(use_scale=True)([decoded, encoded])
        return layers.Dense(2)(layers.Concatenate()([context, decoded]))

    def attended_additively(x):
        encoded = layers.LSTM(H, **SEQUENCES)(x)
        context = layers.AdditiveAttention()([layers.GRU(H, **SEQUENCES)(x), encoded])
        return layers.Dense(2)(context)

    def attended_by_sums(x):
        encoded = layers.LSTM(H, **SEQUENCES)(x)
        context = layers.Attention(use_scale=True, score_mode="concat")([layers.GRU(H, **SEQUENCES)(x), encoded])
        return layers.Dense(2)(context)

    def attended_with_key(x):
        parts = [layers.GRU(H, **SEQUENCES)(x), layers.LSTM(4, **SEQUENCES)(x), layers.LSTM(H, **SEQUENCES)(x)]
        return layers.Dense(2)(layers.Attention()(parts))

    for build in (
        residual_of_dense,
        residual_of_operators,
        side_by_side,
        one_after_another,
        sum_of_concatenation,
        applied_twice,
        shared_dense,
        attended,
        attended_additively,
        attended_with_key,
    ):
        yield Case(build.__name__, functional(build))


def shapes():
    yield Case(
        "BatchNormalization",
        lambda: sequential(
            layers.LSTM(H, **SEQUENCES), layers.BatchNormalization(), layers.GRU(5), layers.BatchNormalization(scale=False), layers.Dense(2)
        ),
    )
    yield Case("Flatten", lambda: sequential(layers.LSTM(H, **SEQUENCES), layers.Flatten(), layers.Dense(2)))
    yield Case(
        "Reshape",
        lambda: sequential(layers.LSTM(H), layers.Reshape((1, H)), layers.GRU(5), layers.Dense(2)),
    )
    yield Case(
        "Permute",
        lambda: sequential(layers.LSTM(H, **SEQUENCES), layers.Permute((2, 1)), layers.Flatten(), layers.Dense(2)),
    )
    yield Case("GlobalAveragePooling1D", lambda: sequential(layers.LSTM(H, **SEQUENCES), layers.GlobalAveragePooling1D(), layers.Dense(2)))
    yield Case("GlobalMaxPooling1D", lambda: sequential(layers.LSTM(H, **SEQUENCES), layers.GlobalMaxPooling1D(), layers.Dense(2)))
    yield Case("RepeatVector", lambda: sequential(layers.LSTM(H), layers.RepeatVector(3), layers.LSTM(6, **SEQUENCES), layers.Dense(2)))
    yield Case(
        "noise_shape",
        lambda: sequential(layers.LSTM(H, **SEQUENCES), layers.Dropout(0.3, noise_shape=(None, 1, H)), layers.GRU(4), layers.Dense(2)),
    )
    yield Case("activations", lambda: sequential(layers.LSTM(H), layers.Activation("tanh"), layers.Activation("sigmoid"), layers.Dense(2)))


def structures():
    yield Case("dict_inputs", lambda: titled(dict_of, lambda y: {"score": y}), inputs=("normal", "ids"))


def nested():
    def encoder():
        return Sequential([Input((T, F)), layers.LSTM(H, **SEQUENCES), layers.BatchNormalization(), layers.LSTM(4)], name="encoder")

    def reader():
        y = Input((T, H))
        return Model(y, layers.Dense(4)(layers.GRU(6, **SEQUENCES)(y)), name="reader")

    def twice():
        a, b = Input((T, F), name="a"), Input((T, F), name="b")
        model = encoder()
        return Model([a, b], layers.Dense(2)(layers.Concatenate()([model(a), model(b)])))

    def deep():
        x = Input((T, F), name="x")
        middle = Sequential([Input((T, H)), reader(), layers.LSTM(3)], name="middle")
        return Model(x, layers.Dense(2)(middle(layers.LSTM(H, **SEQUENCES)(x))))

    yield Case("nested_encoder", lambda: sequential(encoder(), layers.Dense(2)))
    yield Case("nested_reader", lambda: sequential(layers.LSTM(H, **SEQUENCES), reader(), layers.LSTM(3), layers.Dense(1)))
    yield Case("nested_twice", twice, inputs=("normal", "normal"))
    yield Case("nested_deep", deep)
    yield Case("nested_with_dict", dict_within, inputs=("ids", "normal"))


def around():
    """Layers around recurrent ones, through which units pass or by which they are read."""

    def between(*stack):
        return lambda: sequential(layers.LSTM(H, **SEQUENCES), *(make() for make in stack), layers.GRU(5), layers.Dense(2))

    for name, made in {
        "Conv1D": between(lambda: layers.Conv1D(4, 3, padding="causal")),
        "Conv1DTranspose": between(lambda: layers.Conv1DTranspose(4, 3, strides=2)),
        "pooling": between(lambda: layers.MaxPooling1D(2), lambda: layers.AveragePooling1D(2, padding="same")),
        "steps": between(lambda: layers.ZeroPadding1D(1), lambda: layers.Cropping1D((0, 1)), lambda: layers.UpSampling1D(2)),
        "PReLU": between(lambda: layers.PReLU(shared_axes=[1]), layers.LeakyReLU),
        "PReLU_of_every_step": between(layers.PReLU),
        "UnitNormalization": between(layers.UnitNormalization),
        "windows_of_each_step": between(
            lambda: layers.Reshape((T, 1, H)),
            lambda: layers.TimeDistributed(layers.Conv1D(4, 2, padding="same")),
            lambda: layers.TimeDistributed(layers.MaxPooling1D(2, padding="same")),
            lambda: layers.TimeDistributed(layers.Flatten()),
        ),
        "Normalization": between(layers.Normalization),
    }.items():
        yield Case(f"around_{name}", made)

    def functional(build):
        def made():
            x = Input((T, F), name="x")
            return Model(x, build(x))

        return made

    def residual_of_Conv1D(x):
        sequence = layers.LSTM(H, **SEQUENCES)(x)
        return layers.Dense(2)(layers.Add()([sequence, layers.Conv1D(H, 3, padding="same")(sequence)]))

    def residual_of_Conv1DTranspose(x):
        sequence = layers.LSTM(H, **SEQUENCES)(x)
        return layers.Dense(2)(layers.Add()([sequence, layers.Conv1DTranspose(H, 3, padding="same")(sequence)]))

    def heads(x):
        sequence = layers.LSTM(H, **SEQUENCES)(x)
        return layers.Dense(2)(layers.MultiHeadAttention(2, 3)(sequence, sequence))

    def residual_of_heads(x):
        sequence = layers.LSTM(H, **SEQUENCES)(x)
        return layers.Dense(2)(layers.Add()([sequence, layers.MultiHeadAttention(2, 3, value_dim=2)(sequence, sequence)]))

    def heads_of_one_width(x):
        query, value = layers.GRU(H, **SEQUENCES)(x), layers.LSTM(4, **SEQUENCES)(x)
        return layers.Dense(2)(layers.MultiHeadAttention(1, 3, output_shape=5)(query, value, key=query))

    def separable(x):
        return layers.Dense(2)(layers.LSTM(5, **SEQUENCES)(layers.SeparableConv1D(4, 2)(x)))

    def maps(x):
        image = layers.Reshape((T, F, 1))(layers.LSTM(F, **SEQUENCES)(x))
        pooled = layers.MaxPooling2D((1, 2))(layers.BatchNormalization()(layers.Conv2D(6, 2, padding="same", activation="relu")(image)))
        return layers.TimeDistributed(layers.Flatten())(layers.SeparableConv2D(5, (2, 1))(pooled))

    def image(x):
        return layers.Dense(2)(layers.LSTM(H)(maps(x)))

    def image_in_columns(x):
        """The number of features stands in the file."""
        maps = layers.Conv2D(6, 2)(layers.Reshape((T, F, 1))(x))
        return layers.Dense(2)(layers.Bidirectional(layers.GRU(H))(layers.Reshape((T - 1, 2 * 6))(maps)))

    def operations(x):
        steps = ops.square(ops.tanh(layers.LSTM(H, **SEQUENCES)(x)))
        last = ops.reshape(layers.GRU(6)(steps), (-1, 1, 6))
        return layers.Dense(2)(layers.LSTM(4)(layers.Concatenate()([last, ops.mean(steps, axis=1, keepdims=True)])))

    def steps_of_free_number(x):
        y = layers.TimeDistributed(layers.Conv1D(6, 3))(x)
        return layers.Dense(2)(layers.LSTM(H)(layers.TimeDistributed(layers.Flatten())(layers.TimeDistributed(layers.MaxPooling1D(2))(y))))

    def of_each_step():
        x = Input((None, 8, F), name="x")
        return Model(x, steps_of_free_number(x))

    yield Case("around_TimeDistributed", of_each_step)
    for build in (residual_of_Conv1D, residual_of_Conv1DTranspose, heads, residual_of_heads, heads_of_one_width, separable, image, image_in_columns, operations):
        yield Case(f"around_{build.__name__}", functional(build))


def frozen():
    """Here no unit may go: every case ends with a set whose reason must be named."""
    yield Case("frozen_output", lambda: sequential(layers.LSTM(H, **SEQUENCES)), required=False)
    yield Case("frozen_LayerNormalization", lambda: sequential(layers.LSTM(H), layers.LayerNormalization(), layers.Dense(2)), required=False)
    yield Case(
        "frozen_Normalization",
        lambda: sequential(layers.LSTM(2), layers.Normalization(mean=[0.1, -0.1], variance=[1, 2]), layers.Dense(2)),
        required=False,
    )
    yield Case("frozen_softmax", lambda: sequential(layers.LSTM(H, activation="softmax"), layers.Dense(2)), required=False)
    yield Case(
        "frozen_Reshape",
        lambda: sequential(layers.LSTM(6, **SEQUENCES), layers.Reshape((2 * T, 3)), layers.Flatten(), layers.Dense(2)),
        required=False,
    )
    yield Case("frozen_GroupNormalization", lambda: sequential(layers.LSTM(6, **SEQUENCES), layers.GroupNormalization(2), layers.Flatten(), layers.Dense(2)), required=False)
    yield Case("frozen_groups", lambda: sequential(layers.LSTM(6, **SEQUENCES), layers.Conv1D(4, 2, groups=2), layers.Flatten(), layers.Dense(2)), required=False)
    yield Case("frozen_unknown", lambda: sequential(layers.LSTM(H, **SEQUENCES), layers.Reshape((T, H, 1)), layers.Conv2DTranspose(4, 2), layers.Flatten(), layers.Dense(2)), required=False)
