"""Cases of layerCases.py of layers over images [B, H, W, C], before recurrent ones."""

from case import Case, sequential
from keras import layers

TRAINED = {"targets": "real", "loss": "mean_squared_error"}
SHAPE = (7, 6, 4)


def image_cases():
    yield from convolutions()
    yield from windows()
    yield Case("image_ocr", ocr, targets="classes", loss="sparse_categorical_crossentropy")
    yield Case("image_columns", columns, **TRAINED)
    yield Case("image_video", video, **TRAINED)
    yield Case("image_sequence_of_maps", pooled_maps, **TRAINED)
    yield Case("image_transposed_convolution", lambda: read_by_lstm(layers.Conv2DTranspose(3, 2)), required=False)
    yield Case("image_of_three_axes", volume, required=False)


def read_by_lstm(*stack, shape=SHAPE):
    """Each row is a step."""
    return sequential(*stack, layers.TimeDistributed(layers.Flatten()), layers.LSTM(4), layers.Dense(2), shape=shape)


def convolutions():
    for name, make in {
        "Conv2D": lambda: layers.Conv2D(5, (3, 2)),
        "Conv2D_same": lambda: layers.Conv2D(5, (4, 3), padding="same", activation="relu"),
        "Conv2D_strides": lambda: layers.Conv2D(5, 3, strides=(2, 1), padding="same"),
        "Conv2D_dilated": lambda: layers.Conv2D(5, 2, dilation_rate=(3, 2), use_bias=False),
        "Conv2D_groups": lambda: layers.Conv2D(6, 3, groups=2, padding="same"),
        "Conv2D_one_place": lambda: layers.Conv2D(3, 1),
        "DepthwiseConv2D": lambda: layers.DepthwiseConv2D(3, strides=2, padding="same", depth_multiplier=2),
        "SeparableConv2D": lambda: layers.SeparableConv2D(5, (2, 3), depth_multiplier=2, activation="tanh"),
    }.items():
        yield Case(name, lambda make=make: read_by_lstm(make()), **TRAINED)


def windows():
    for layer in (layers.MaxPooling2D, layers.AveragePooling2D):
        for name, options in {
            "": {"pool_size": 2},
            "_same": {"pool_size": (3, 2), "padding": "same"},
            "_overlapping": {"pool_size": (2, 3), "strides": (2, 1)},
            "_same_strides": {"pool_size": 3, "strides": 2, "padding": "same"},
        }.items():
            # Which of equal values, as a relu makes, has the gradient?
            yield Case(
                f"{layer.__name__}{name}", lambda layer=layer, options=options: read_by_lstm(layers.ReLU(), layer(**options)), **TRAINED
            )
    for name, make in {
        "ZeroPadding2D": lambda: layers.ZeroPadding2D(1),
        "ZeroPadding2D_ends": lambda: layers.ZeroPadding2D(((1, 0), (2, 3))),
        "ZeroPadding2D_rows": lambda: layers.ZeroPadding2D((2, 0)),
        "SpatialDropout2D": lambda: layers.SpatialDropout2D(0.3),
        "GroupNormalization_of_images": lambda: layers.GroupNormalization(2),
        "LayerNormalization_of_images": layers.LayerNormalization,
    }.items():
        yield Case(name, lambda make=make: read_by_lstm(make()), **(TRAINED if name != "SpatialDropout2D" else {}))


def ocr():
    """The example image_ocr of Keras: the width comes first."""
    return sequential(
        layers.Conv2D(6, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(8, 3, padding="same"),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling2D(2),
        layers.Reshape((4, 16)),
        layers.Dense(9, activation="relu"),
        layers.Dropout(0.2),
        layers.Bidirectional(layers.LSTM(5, return_sequences=True)),
        layers.Dense(4, activation="softmax"),
        shape=(16, 8, 1),
    )


def columns():
    """The height comes first, and columns become the steps."""
    return sequential(
        layers.Conv2D(5, 3, activation="relu"),
        layers.AveragePooling2D((2, 1)),
        layers.Permute((2, 1, 3)),
        layers.Reshape((-1, 15)),
        layers.GRU(4),
        layers.Dense(2),
        shape=(8, 9, 1),
    )


def video():
    """Every frame by itself."""
    stack = [
        layers.Conv2D(4, 3, activation="relu"),
        layers.BatchNormalization(),
        layers.MaxPooling2D(2),
        layers.SeparableConv2D(5, 2),
        layers.Flatten(),
    ]
    return sequential(*(layers.TimeDistributed(layer) for layer in stack), layers.LSTM(4), layers.Dense(2), shape=(3, 9, 8, 2))


def pooled_maps():
    stack = [layers.Conv2D(4, 3, padding="same"), layers.AveragePooling2D(2), layers.GlobalMaxPooling2D()]
    return sequential(*(layers.TimeDistributed(layer) for layer in stack), layers.GRU(4), layers.Dense(2), shape=(3, 6, 6, 2))


def volume():
    return sequential(
        layers.Conv3D(2, 2), layers.TimeDistributed(layers.Flatten()), layers.LSTM(4), layers.Dense(2), shape=(4, 3, 3, 2)
    )
