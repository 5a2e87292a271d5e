"""Cases of modelCases.py in which layers branch and meet: both directions, merges, normalisation, pooling, attention."""

from case import Case, F, H, T, sequential
from keras import Input, Model, layers, ops

SEQUENCES = {"return_sequences": True}
CELLS = (layers.LSTM, layers.GRU, layers.SimpleRNN)
TRAINED = {"targets": "real", "loss": "mean_squared_error"}
MERGES = (layers.Add, layers.Subtract, layers.Multiply, layers.Average, layers.Maximum, layers.Minimum)


def graph_cases():
    yield from bidirectional()
    yield from bidirectional_variants()
    yield from merges()
    yield from operations()
    yield from normalization()
    yield from steps()
    yield from attention()


def bidirectional():
    for cell in CELLS:
        for mode in ("concat", "sum", "mul", "ave"):
            for sequences in (False, True):
                for masked in (False, True):

                    def build(cell=cell, mode=mode, sequences=sequences, masked=masked):
                        both = layers.Bidirectional(cell(H, return_sequences=sequences), merge_mode=mode)
                        return sequential(*([layers.Masking()] if masked else []), both, layers.Dense(2))

                    label = "_".join([cell.__name__, mode, "sequence" if sequences else "last", *(["masked"] if masked else [])])
                    yield Case(
                        f"Bidirectional_{label}",
                        build,
                        inputs=("padded" if masked else "normal",),
                        **TRAINED,
                    )


def bidirectional_variants():
    def stack(*more, masked=True):
        return lambda: sequential(*([layers.Masking()] if masked else []), *[make() for make in more])

    def both(cell=layers.LSTM, units=H, **options):
        return lambda: layers.Bidirectional(cell(units, **SEQUENCES, **options))

    def explicit(forward, backward):
        return lambda: layers.Bidirectional(forward(), backward_layer=backward(), merge_mode="concat")

    def dense():
        return layers.Dense(3)

    for name, made in {
        "stacked": stack(both(), both(layers.GRU, 5), dense),
        "then_LSTM": stack(both(), lambda: layers.LSTM(4), dense),
        "LSTM_before": stack(lambda: layers.LSTM(4, **SEQUENCES), both(), dense),
        "GRU_reset_before": stack(both(layers.GRU, reset_after=False), dense),
        "relu": stack(both(activation="relu", recurrent_activation="hard_sigmoid"), dense),
        "without_bias": stack(both(use_bias=False), dense),
        "dropout": stack(both(dropout=0.3, recurrent_dropout=0.2), dense),
        "Flatten": stack(both(), layers.Flatten, dense),
        "backward_layer": stack(
            explicit(
                lambda: layers.LSTM(4, **SEQUENCES),
                lambda: layers.LSTM(4, activation="relu", go_backwards=True, **SEQUENCES),
            ),
            dense,
        ),
        "backward_layer_of_another_cell": stack(
            explicit(lambda: layers.LSTM(4), lambda: layers.GRU(4, go_backwards=True)), dense
        ),
        "backwards_and_forwards": stack(
            explicit(lambda: layers.GRU(4, go_backwards=True, **SEQUENCES), lambda: layers.GRU(4, **SEQUENCES)), dense
        ),
    }.items():
        yield Case(f"Bidirectional_{name}", made, inputs=("padded",), **TRAINED)
    yield Case("Bidirectional_one_step", stack(both(), dense, masked=False), steps=1)
    yield Case(
        "Bidirectional_Embedding",
        lambda: sequential(
            layers.Embedding(11, 6, mask_zero=True), both()(), layers.Dense(11, activation="softmax"), shape=(T,)
        ),
        inputs=("ids",),
        targets="classes",
        loss="sparse_categorical_crossentropy",
    )


def merges():
    def merged(merge, masks, *, sequences=True, count=2):
        """Inputs of which some are masked, each through an LSTM, then merged and read by another."""

        def build():
            inputs = [Input((T, F), name=f"in{i}") for i in range(count)]
            masked = [layers.Masking()(x) if mask else x for x, mask in zip(inputs, masks, strict=True)]
            joined = merge()([layers.LSTM(H, return_sequences=sequences)(x) for x in masked])
            return Model(inputs, layers.LSTM(3, **SEQUENCES)(joined) if sequences else layers.Dense(3)(joined))

        return build

    def kinds(masks):
        return tuple("padded" if mask else "normal" for mask in masks)

    for merge in MERGES:
        for masks in ((False, False), (True, False), (False, True), (True, True)):
            label = "_".join("masked" if mask else "plain" for mask in masks)
            yield Case(
                f"{merge.__name__}_{label}",
                merged(merge, masks),
                inputs=kinds(masks),
                **TRAINED,
            )
        if merge is not layers.Subtract:
            masks = (True, False, True)
            yield Case(f"{merge.__name__}_of_three", merged(merge, masks, count=3), inputs=kinds(masks))
            all_masked = (True, True, True)
            yield Case(
                f"{merge.__name__}_of_three_masked",
                merged(merge, all_masked, count=3),
                inputs=kinds(all_masked),
                **TRAINED,
            )
        yield Case(f"{merge.__name__}_of_vectors", merged(merge, (True, True), sequences=False), inputs=("padded", "padded"))

        def broadcast(merge=merge):
            x = Input((T, F), name="x")
            sequence = layers.LSTM(H, **SEQUENCES)(x)
            with_vector = merge()([sequence, layers.LSTM(H)(x)])  # [B,H] meets every step
            return Model(x, layers.LSTM(3)(merge()([with_vector, layers.Dense(1)(sequence)])))  # [B,T,1] every unit

        yield Case(f"{merge.__name__}_broadcast", broadcast, **TRAINED)

    def residual(masked):
        def build():
            x = Input((T, F), name="x")
            first = layers.Dense(H)(layers.Masking()(x) if masked else x)
            second = layers.Add()([first, layers.LSTM(H, **SEQUENCES)(first)])
            both = layers.Bidirectional(layers.LSTM(H, **SEQUENCES), merge_mode="ave")(second)
            return Model(x, layers.Dense(2)(layers.LSTM(4)(layers.Add()([second, both, first]))))

        return build

    yield Case("residual", residual(False), **TRAINED)
    yield Case("residual_masked", residual(True), inputs=("padded",), **TRAINED)


def operations():
    def between(work):
        def build():
            x = Input((T, F), name="x")
            sequence = layers.LSTM(H, **SEQUENCES)(layers.Masking()(x))
            return Model(x, layers.LSTM(3)(work(layers.Dense(H)(sequence), sequence)))

        return build

    for name, work in {
        "plus": lambda a, b: a + b,
        "minus": lambda a, b: a - b,
        "times": lambda a, b: a * b,
        "maximum": ops.maximum,
        "minimum": ops.minimum,
        "concatenate": lambda a, b: ops.concatenate([a, b], axis=-1),
    }.items():
        yield Case(f"operation_{name}", between(work), inputs=("padded",))
    for name, work in {
        "with_a_number": lambda a, b: a * 2.0,
        "from_a_number": lambda a, b: 1.0 - a,
        "unknown": lambda a, b: a / (ops.abs(b) + 1.0),
    }.items():
        yield Case(f"operation_{name}", between(work), inputs=("padded",), required=False)


def normalization():
    def between(*options, **more):
        return lambda: sequential(
            layers.Masking(), layers.LSTM(H, **SEQUENCES), layers.LayerNormalization(*options, **more), layers.LSTM(4)
        )

    for name, options in {
        "": {},
        "_without_scale": {"scale": False},
        "_without_center": {"center": False},
        "_bare": {"scale": False, "center": False, "epsilon": 0.1},
        "_last_axis_by_number": {"axis": 2},
        "_over_steps": {"axis": 1},
    }.items():
        yield Case(f"LayerNormalization{name}", between(**options), inputs=("padded",), **TRAINED)
    yield Case("LayerNormalization_first", lambda: sequential(layers.LayerNormalization(), layers.LSTM(H)))
    yield Case(
        "LayerNormalization_of_vectors",
        lambda: sequential(layers.LSTM(H), layers.LayerNormalization(), layers.Dense(2)),
    )
    yield Case("LayerNormalization_over_two_axes", between(axis=[1, 2]), inputs=("padded",), required=False)
    yield Case(
        "BatchNormalization_renorm",
        lambda: sequential(layers.LSTM(H, **SEQUENCES), layers.BatchNormalization(renorm=True), layers.LSTM(2)),
        required=False,
    )
    yield Case("LayerNormalization_rms_scaling", between(rms_scaling=True), inputs=("padded",), required=False)


def steps():
    for pooling in (layers.GlobalAveragePooling1D, layers.GlobalMaxPooling1D):
        for masked in (False, True):
            for keep in (False, True):
                label = "_".join([pooling.__name__, *(["masked"] if masked else []), *(["keepdims"] if keep else [])])

                def build(pooling=pooling, masked=masked, keep=keep):
                    both = layers.Bidirectional(layers.LSTM(H, **SEQUENCES))
                    return sequential(
                        *([layers.Masking()] if masked else []), both, pooling(keepdims=keep), layers.Dense(2)
                    )

                yield Case(label, build, inputs=("padded" if masked else "normal",), **TRAINED)
        yield Case(
            f"{pooling.__name__}_of_held_outputs",
            lambda pooling=pooling: sequential(layers.Masking(), layers.GRU(H, **SEQUENCES), pooling(), layers.Dense(2)),
            inputs=("padded",),
            **TRAINED,
        )
    yield Case(
        "GlobalMaxPooling1D_channels_first",
        lambda: sequential(layers.LSTM(H, **SEQUENCES), layers.GlobalMaxPooling1D(data_format="channels_first")),
        required=False,
    )
    yield Case(
        "RepeatVector", lambda: sequential(layers.LSTM(H), layers.RepeatVector(3), layers.LSTM(2, **SEQUENCES)), **TRAINED
    )
    yield Case(
        "Permute", lambda: sequential(layers.LSTM(H, **SEQUENCES), layers.Permute((2, 1)), layers.Dense(4), layers.LSTM(2)),
        **TRAINED,
    )


def attention():
    def attended(make, masks, with_key=False, **options):
        def build():
            x, y = Input((T, F), name="x"), Input((4, F), name="y")
            read = [layers.Masking()(one) if mask else one for one, mask in zip((x, y), masks, strict=True)]
            query, value = (layers.LSTM(H, **SEQUENCES)(one) for one in read)
            inputs = [query, value, layers.Dense(H)(value)] if with_key else [query, value]
            return Model([x, y], layers.LSTM(3, **SEQUENCES)(make()(inputs, **options)))

        return build

    for name, make in {
        "Attention": layers.Attention,
        "Attention_scaled": lambda: layers.Attention(use_scale=True),
        "Attention_concat": lambda: layers.Attention(score_mode="concat"),
        "Attention_concat_scaled": lambda: layers.Attention(use_scale=True, score_mode="concat"),
        "Attention_dropout": lambda: layers.Attention(dropout=0.5),
        "AdditiveAttention": layers.AdditiveAttention,
        "AdditiveAttention_unscaled": lambda: layers.AdditiveAttention(use_scale=False),
    }.items():
        for masks in ((False, False), (True, False), (False, True), (True, True)):
            label = "_".join("masked" if mask else "plain" for mask in masks)
            kinds = tuple("padded" if mask else "normal" for mask in masks)
            yield Case(
                f"{name}_{label}",
                attended(make, masks),
                inputs=kinds,
                **TRAINED,
            )
        yield Case(f"{name}_with_key", attended(make, (True, True), True), inputs=("padded", "padded"))
        for masks in ((False, False), (False, True), (True, True)):
            label = "_".join("masked" if mask else "plain" for mask in masks)
            yield Case(
                f"{name}_causal_{label}",
                attended(make, masks, use_causal_mask=True),
                inputs=tuple("padded" if mask else "normal" for mask in masks),
                **TRAINED,
            )
    yield Case(
        "Attention_all_masked", attended(layers.Attention, (False, True)), inputs=("normal", "padded-all")
    )

    def itself():
        """The usual head: attention of a sequence to itself, pooled, beside the last output."""
        x = Input((T, F), name="x")
        sequence = layers.Bidirectional(layers.LSTM(H, **SEQUENCES))(layers.Masking()(x))
        context = layers.GlobalAveragePooling1D()(layers.Attention(use_scale=True)([sequence, sequence]))
        return Model(x, layers.Dense(2)(layers.Concatenate()([context, layers.LSTM(4)(sequence)])))

    def called(**options):
        def build():
            x = Input((T, F), name="x")
            sequence = layers.LSTM(H, **SEQUENCES)(x)
            result = layers.Attention()([sequence, sequence], **options)
            return Model(x, layers.LSTM(3)(result[0] if isinstance(result, (list, tuple)) else result))

        return build

    yield Case("Attention_to_itself", itself, inputs=("padded",), **TRAINED)
    yield Case("Attention_causal", called(use_causal_mask=True), **TRAINED)
    yield Case("Attention_causal_all_masked", attended(layers.Attention, (False, True), use_causal_mask=True), inputs=("normal", "padded-all"))
    yield Case("Attention_with_scores", called(return_attention_scores=True), required=False)
