"""Cases of modelCases.py of layers around recurrent ones: convolution, pooling, activations, normalisation, attention of several heads."""

from case import Case, F, H, T, sequential
from imageCases import image_cases
from keras import Input, Model, layers
from maskCases import mask_cases
from operationCases import operation_cases
from structureCases import structure_cases
from takenMaskCases import taken_mask_cases

SEQUENCES = {"return_sequences": True}
TRAINED = {"targets": "real", "loss": "mean_squared_error"}
GIVEN = {"mean": [0.1, -0.2, 0.3, 0.0, 1.0, 0.5, -0.5], "variance": [1, 2, 0.5, 1, 3, 0.1, 1]}


def layer_cases():
    yield from convolution()
    yield from transposed()
    yield from separable()
    yield from windows()
    yield from activations()
    yield from of_each_step()
    yield from normalization()
    yield from heads()
    yield from dots()
    yield from masked()
    yield from mask_cases()
    yield from operation_cases()
    yield from structure_cases()
    yield from image_cases()
    yield from taken_mask_cases()


def read_by_lstm(*stack, shape=(T, F)):
    return lambda: sequential(*(make() for make in stack), layers.LSTM(4), layers.Dense(2), shape=shape)


def convolution():
    for name, options in {
        "": {},
        "_same": {"padding": "same"},
        "_causal": {"padding": "causal"},
        "_causal_dilated": {"padding": "causal", "dilation_rate": 2},
        "_same_dilated": {"padding": "same", "dilation_rate": 2},
        "_strides": {"strides": 2},
        "_same_strides": {"padding": "same", "strides": 3},
        "_causal_strides": {"padding": "causal", "strides": 2},
        "_relu": {"activation": "relu"},
        "_softmax": {"activation": "softmax"},
        "_without_bias": {"use_bias": False},
        "_groups": {"groups": 2},
        "_groups_same_strides": {"groups": 2, "padding": "same", "strides": 2},
    }.items():
        yield Case(
            f"Conv1D{name}",
            read_by_lstm(lambda options=options: layers.Conv1D(6, 3, **options), shape=(9, 4)),
            steps=9,
            **TRAINED,
        )
    yield Case("Conv1D_even_kernel_same", read_by_lstm(lambda: layers.Conv1D(5, 4, padding="same")), **TRAINED)
    yield Case("Conv1D_one_step", read_by_lstm(lambda: layers.Conv1D(5, 1)), **TRAINED)
    yield Case("Conv1D_free_length", read_by_lstm(lambda: layers.Conv1D(5, 2), shape=(None, F)), steps=7)
    yield Case(
        "Conv1D_after",
        lambda: sequential(layers.LSTM(H, **SEQUENCES), layers.Conv1D(5, 3, padding="same"), layers.Conv1D(3, 2)),
        **TRAINED,
    )

    def shared():
        a, b = Input((T, F), name="a"), Input((T, F), name="b")
        conv = layers.Conv1D(4, 2)
        return Model([a, b], layers.LSTM(3)(layers.Concatenate()([conv(a), conv(b)])))

    yield Case("Conv1D_shared", shared, inputs=("normal", "normal"), **TRAINED)


def transposed():
    for name, options in {
        "": {},
        "_strides": {"strides": 2},
        "_same": {"padding": "same"},
        "_same_strides": {"padding": "same", "strides": 2},
        "_same_far_strides": {"padding": "same", "strides": 4},
        "_far_strides": {"strides": 4},
        "_without_bias": {"use_bias": False, "activation": "tanh"},
    }.items():
        yield Case(
            f"Conv1DTranspose{name}", read_by_lstm(lambda options=options: layers.Conv1DTranspose(5, 3, **options)), **TRAINED
        )
    yield Case(
        "Conv1DTranspose_output_padding",
        read_by_lstm(lambda: layers.Conv1DTranspose(5, 3, strides=2, output_padding=1)),
        required=False,
    )


def separable():
    for name, options in {
        "": {},
        "_multiplied": {"depth_multiplier": 2},
        "_same_strides": {"padding": "same", "strides": 2, "depth_multiplier": 3},
        "_dilated": {"dilation_rate": 2},
        "_without_bias": {"use_bias": False, "activation": "relu"},
    }.items():
        for layer in (layers.SeparableConv1D, layers.DepthwiseConv1D):
            sizes = (5, 2) if layer is layers.SeparableConv1D else (2,)
            yield Case(
                f"{layer.__name__}{name}",
                read_by_lstm(lambda layer=layer, sizes=sizes, options=options: layer(*sizes, **options)),
                **TRAINED,
            )


def windows():
    for layer in (layers.MaxPooling1D, layers.AveragePooling1D):
        for name, options in {
            "": {"pool_size": 2},
            "_same": {"pool_size": 3, "padding": "same"},
            "_overlapping": {"pool_size": 3, "strides": 1},
            "_same_overlapping": {"pool_size": 4, "strides": 1, "padding": "same"},
            "_same_strides": {"pool_size": 3, "strides": 2, "padding": "same"},
        }.items():
            yield Case(
                f"{layer.__name__}{name}",
                lambda layer=layer, options=options: sequential(
                    layers.LSTM(H, **SEQUENCES), layer(**options), layers.LSTM(4), layers.Dense(2), shape=(8, F)
                ),
                steps=8,
                **TRAINED,
            )
        # Held outputs are equal steps: which of them has the gradient?
        yield Case(
            f"{layer.__name__}_of_held_outputs",
            lambda layer=layer: sequential(
                layers.Masking(), layers.GRU(H, **SEQUENCES), layer(3, strides=1), layers.Flatten(), layers.Dense(2)
            ),
            inputs=("padded",),
            **TRAINED,
        )
    for name, make in {
        "ZeroPadding1D": lambda: layers.ZeroPadding1D(2),
        "ZeroPadding1D_ends": lambda: layers.ZeroPadding1D((1, 3)),
        "Cropping1D": lambda: layers.Cropping1D(1),
        "Cropping1D_ends": lambda: layers.Cropping1D((0, 2)),
        "UpSampling1D": lambda: layers.UpSampling1D(3),
    }.items():
        yield Case(
            name,
            lambda make=make: sequential(layers.LSTM(H, **SEQUENCES), make(), layers.LSTM(4), layers.Dense(2)),
            **TRAINED,
        )


def activations():
    for name, make in {
        "ReLU": layers.ReLU,
        "ReLU_largest": lambda: layers.ReLU(0.3),
        "ReLU_slope": lambda: layers.ReLU(negative_slope=0.2),
        "LeakyReLU": layers.LeakyReLU,
        "LeakyReLU_slope": lambda: layers.LeakyReLU(0.1),
        "ELU": layers.ELU,
        "ELU_alpha": lambda: layers.ELU(0.5),
        "PReLU": layers.PReLU,
        "PReLU_shared_over_steps": lambda: layers.PReLU(shared_axes=[1]),
        "PReLU_shared_over_all": lambda: layers.PReLU(shared_axes=[1, 2]),
        "Softmax": layers.Softmax,
        "Softmax_over_steps": lambda: layers.Softmax(axis=1),
        "Identity": layers.Identity,
        "Rescaling": lambda: layers.Rescaling(0.5, offset=0.1),
        "UnitNormalization": layers.UnitNormalization,
        "UnitNormalization_over_steps": lambda: layers.UnitNormalization(axis=1),
        "Normalization": lambda: layers.Normalization(**GIVEN),
        "Normalization_inverted": lambda: layers.Normalization(**GIVEN, invert=True),
        "Normalization_over_steps": lambda: layers.Normalization(axis=1, mean=GIVEN["mean"][:T], variance=GIVEN["variance"][:T]),
        "Normalization_alike": lambda: layers.Normalization(axis=None, mean=0.3, variance=2.0),
        "Normalization_alike_inverted": lambda: layers.Normalization(mean=0.3, variance=2.0, invert=True),
        "Normalization_adapted_inverted": lambda: layers.Normalization(invert=True),
        "Normalization_adapted": layers.Normalization,
        "GaussianNoise": lambda: layers.GaussianNoise(0.1),
        "GaussianDropout": lambda: layers.GaussianDropout(0.1),
        "AlphaDropout": lambda: layers.AlphaDropout(0.1),
        "SpatialDropout1D": lambda: layers.SpatialDropout1D(0.1),
        "ActivityRegularization": lambda: layers.ActivityRegularization(0.1),
    }.items():
        yield Case(
            f"layer_{name}",
            lambda make=make: sequential(layers.LSTM(H, **SEQUENCES), make(), layers.LSTM(4), layers.Dense(2)),
            **(TRAINED if name != "ActivityRegularization" else {}),
        )
    yield Case("ReLU_threshold", read_by_lstm(lambda: layers.ReLU(threshold=0.1)), required=False)
    for name, make in {
        "Dropout": lambda: layers.Dropout(0.1),
        "Activation": lambda: layers.Activation("tanh"),
        "LayerNormalization": layers.LayerNormalization,
        "BatchNormalization": layers.BatchNormalization,
        "LeakyReLU": layers.LeakyReLU,
    }.items():
        yield Case(
            f"TimeDistributed_{name}",
            lambda make=make: sequential(
                layers.Masking(), layers.LSTM(H, **SEQUENCES), layers.TimeDistributed(make()), layers.LSTM(4)
            ),
            inputs=("padded",),
            **TRAINED,
        )


def of_each_step():
    """Parts of a sequence through convolutions, each by itself, before an LSTM takes them as its steps."""
    each = layers.TimeDistributed
    stacks = {
        "": lambda: [each(layers.Conv1D(4, 3, activation="relu")), each(layers.MaxPooling1D(2)), each(layers.Flatten())],
        "_same": lambda: [
            each(layers.Conv1D(4, 3, padding="same", strides=2)),
            each(layers.BatchNormalization()),
            each(layers.AveragePooling1D(2, strides=1, padding="same")),
            each(layers.Dropout(0.2)),
            each(layers.Flatten()),
        ],
        "_causal": lambda: [each(layers.Conv1D(4, 2, padding="causal", dilation_rate=2)), each(layers.GlobalMaxPooling1D())],
        "_groups": lambda: [each(layers.Conv1D(6, 3, groups=3)), each(layers.LayerNormalization()), each(layers.GlobalAveragePooling1D())],
        "_separable": lambda: [
            each(layers.SeparableConv1D(4, 3)),
            each(layers.DepthwiseConv1D(2, depth_multiplier=2)),
            each(layers.GlobalMaxPooling1D(keepdims=True)),
            each(layers.Flatten()),
        ],
    }
    for label, make in stacks.items():
        for steps, length in ((3, "known"), (None, "free")):
            yield Case(
                f"TimeDistributed_windows{label}_{length}",
                lambda make=make, steps=steps: sequential(*make(), layers.LSTM(H), layers.Dense(2), shape=(steps, 8, 3)),
                steps=5,
                **TRAINED,
            )
    yield Case(
        "TimeDistributed_Conv1D_after",
        lambda: sequential(
            layers.Masking(), layers.LSTM(6, **SEQUENCES), layers.Reshape((T, 3, 2)), each(layers.Conv1D(4, 2)), each(layers.Flatten()), layers.GRU(4)
        ),
        inputs=("padded",),
        **TRAINED,
    )
    yield Case(
        "TimeDistributed_UpSampling1D",
        lambda: sequential(each(layers.UpSampling1D(2)), each(layers.Flatten()), layers.LSTM(4), shape=(3, 4, 3)),
        required=False,
    )


def normalization():
    for name, options in {
        "": {"groups": 2},
        "_of_all": {"groups": 1},
        "_of_each": {"groups": -1},
        "_of_each_bare": {"groups": 6, "scale": False, "center": False},
        "_without_scale": {"groups": 3, "scale": False},
        "_without_center": {"groups": 3, "center": False, "epsilon": 0.1},
        "_over_steps": {"groups": 5, "axis": 1},
    }.items():
        yield Case(
            f"GroupNormalization{name}",
            lambda options=options: sequential(
                layers.Masking(), layers.LSTM(6, **SEQUENCES), layers.GroupNormalization(**options), layers.LSTM(4)
            ),
            inputs=("padded",),
            **TRAINED,
        )
    yield Case(
        "GroupNormalization_of_vectors",
        lambda: sequential(layers.LSTM(6), layers.GroupNormalization(3), layers.Dense(2)),
        **TRAINED,
    )


def heads():
    def attended(make, masks, with_key=False, named=False, **options):
        def build():
            x, y = Input((T, F), name="x"), Input((4, F), name="y")
            read = [layers.Masking()(one) if mask else one for one, mask in zip((x, y), masks, strict=True)]
            query, value = (layers.LSTM(H, **SEQUENCES)(one) for one in read)
            inputs = {"query": query, "value": value, **({"key": layers.Dense(5)(value)} if with_key else {})}
            result = make()(**inputs, **options) if named else make()(*inputs.values(), **options)
            return Model([x, y], layers.LSTM(3, **SEQUENCES)(result))

        return build

    for name, make in {
        "MultiHeadAttention": lambda: layers.MultiHeadAttention(2, 3),
        "MultiHeadAttention_values": lambda: layers.MultiHeadAttention(3, 2, value_dim=4, output_shape=5),
        "MultiHeadAttention_without_bias": lambda: layers.MultiHeadAttention(2, 3, use_bias=False),
        "MultiHeadAttention_one_head": lambda: layers.MultiHeadAttention(1, 3, dropout=0.3),
    }.items():
        for masks in ((False, False), (True, False), (False, True), (True, True)):
            label = "_".join("masked" if mask else "plain" for mask in masks)
            kinds = tuple("padded" if mask else "normal" for mask in masks)
            yield Case(f"{name}_{label}", attended(make, masks), inputs=kinds, **TRAINED)
        yield Case(f"{name}_with_key", attended(make, (True, True), True), inputs=("padded", "padded"), **TRAINED)
        for masks in ((False, False), (False, True), (True, True)):
            label = "_".join("masked" if mask else "plain" for mask in masks)
            kinds = tuple("padded" if mask else "normal" for mask in masks)
            yield Case(f"{name}_causal_{label}", attended(make, masks, use_causal_mask=True), inputs=kinds, **TRAINED)
    two = lambda: layers.MultiHeadAttention(2, 3)  # noqa: E731
    yield Case("MultiHeadAttention_by_name", attended(two, (True, True), True, True), inputs=("padded", "padded"), **TRAINED)
    # With dropout Keras 3.15 puts out 0, not the mean, where a query sees masked values alone.
    dropping = lambda: layers.MultiHeadAttention(2, 3, dropout=0.3)  # noqa: E731
    for label, make in (("", two), ("_dropout", dropping)):
        yield Case(f"MultiHeadAttention{label}_all_masked", attended(make, (False, True)), inputs=("normal", "padded-all"))

    def block(pool, dropout=0.0):
        """A transformer's block between recurrent layers."""

        def build():
            x = Input((T, F), name="x")
            sequence = layers.LSTM(6, **SEQUENCES)(layers.Masking()(x))
            attention = layers.MultiHeadAttention(2, 3, dropout=dropout)
            first = layers.LayerNormalization()(layers.Add()([sequence, attention(sequence, sequence)]))
            inner = layers.Dense(6)(layers.Dense(8, activation="relu")(first))
            second = layers.LayerNormalization()(layers.Add()([first, inner]))
            return Model(x, layers.Dense(2)(pool()(second)))

        return build

    yield Case("transformer_block", block(layers.GlobalAveragePooling1D), inputs=("padded",), **TRAINED)
    yield Case("transformer_block_flat", block(layers.Flatten), inputs=("padded",), **TRAINED)
    yield Case("transformer_block_flat_dropout", block(layers.Flatten, 0.2), inputs=("padded",), **TRAINED)
    yield Case("transformer_block_then_LSTM", block(lambda: layers.LSTM(4)), inputs=("padded",), **TRAINED)

    def called(**options):
        def build():
            x = Input((T, F), name="x")
            sequence = layers.LSTM(H, **SEQUENCES)(x)
            result = layers.MultiHeadAttention(2, 3)(sequence, sequence, **options)
            return Model(x, layers.LSTM(3)(result[0] if isinstance(result, (list, tuple)) else result))

        return build

    yield Case("MultiHeadAttention_causal", called(use_causal_mask=True), **TRAINED)
    yield Case(
        "MultiHeadAttention_causal_all_masked", attended(two, (False, True), use_causal_mask=True), inputs=("normal", "padded-all")
    )
    yield Case("MultiHeadAttention_with_scores", called(return_attention_scores=True), required=False)
    for name, make in {
        "gate": lambda: layers.MultiHeadAttention(2, 3, use_gate=True),
        "sliding_window": lambda: layers.MultiHeadAttention(2, 3, sliding_window=2),
    }.items():
        yield Case(f"MultiHeadAttention_{name}", attended(make, (False, False)), inputs=("normal", "normal"), required=False)


def dots():
    def dotted(axes, ranks, normalize=False):
        def build():
            x, y = Input((T, F), name="x"), Input((T, F), name="y")
            a, b = (
                layers.LSTM(T, return_sequences=rank == 3)(layers.Masking()(one)) for one, rank in zip((x, y), ranks, strict=True)
            )
            result = layers.Dot(axes, normalize=normalize)([a, b])
            return Model([x, y], layers.GRU(3)(result) if ranks == (3, 3) else layers.Dense(3)(result))

        return build

    for label, axes, ranks in (
        ("matrices", (2, 2), (3, 3)),
        ("matrices_by_steps", 1, (3, 3)),
        ("matrices_crossed", (2, 1), (3, 3)),
        ("matrix_and_vector", (2, 1), (3, 2)),
        ("vector_and_matrix", (1, -1), (2, 3)),
        ("vectors", -1, (2, 2)),
    ):
        yield Case(f"Dot_{label}", dotted(axes, ranks), inputs=("padded", "padded"), **TRAINED)
    yield Case("Dot_cosine", dotted(2, (3, 3), True), inputs=("padded", "padded"), **TRAINED)


def masked():
    """Which layers pass a mask on: a masked sequence through each of them, to where the mask would show."""
    between = {
        "Conv1D": lambda: layers.Conv1D(4, 2, padding="same"),
        "MaxPooling1D": lambda: layers.MaxPooling1D(2, strides=1, padding="same"),
        "AveragePooling1D": lambda: layers.AveragePooling1D(2, strides=1, padding="same"),
        "ZeroPadding1D": lambda: layers.ZeroPadding1D((0, 1)),
        "Cropping1D": lambda: layers.Cropping1D((0, 1)),
        "UpSampling1D": lambda: layers.UpSampling1D(2),
        "Reshape": lambda: layers.Reshape((T, H)),
        "Permute": lambda: layers.Permute((2, 1)),
        "GroupNormalization": lambda: layers.GroupNormalization(1),
        "LayerNormalization": layers.LayerNormalization,
        "BatchNormalization": layers.BatchNormalization,
        "UnitNormalization": layers.UnitNormalization,
        "Normalization": layers.Normalization,
        "Rescaling": lambda: layers.Rescaling(2.0),
        "Dense": lambda: layers.Dense(4),
        "Activation": lambda: layers.Activation("relu"),
        "ReLU": layers.ReLU,
        "LeakyReLU": layers.LeakyReLU,
        "ELU": layers.ELU,
        "PReLU": lambda: layers.PReLU(shared_axes=[1]),
        "Identity": layers.Identity,
        "Dropout": lambda: layers.Dropout(0.2),
        "SpatialDropout1D": lambda: layers.SpatialDropout1D(0.2),
        "GaussianNoise": lambda: layers.GaussianNoise(0.2),
        "GaussianDropout": lambda: layers.GaussianDropout(0.2),
        "AlphaDropout": lambda: layers.AlphaDropout(0.2),
        "TimeDistributed": lambda: layers.TimeDistributed(layers.Dense(4)),
        "LSTM": lambda: layers.LSTM(4, **SEQUENCES),
        "Bidirectional": lambda: layers.Bidirectional(layers.GRU(4, **SEQUENCES)),
    }
    for name, make in between.items():

        def before(make=make):
            return sequential(layers.Masking(), layers.LSTM(H, **SEQUENCES), make(), layers.LSTM(4))

        # The models need a recurrent layer: the mean over the steps stands beside one.
        def beside(make=make):
            ids = Input((T,), dtype="int32")
            x = layers.Embedding(11, H, mask_zero=True)(ids)
            mean = layers.GlobalAveragePooling1D()(make()(x))
            return Model(ids, layers.Dense(2)(layers.Concatenate()([mean, layers.LSTM(3)(x)])))

        yield Case(f"mask_through_{name}_to_LSTM", before, inputs=("padded",))
        yield Case(f"mask_through_{name}_to_mean", beside, inputs=("ids",))
