"""What a model takes and puts out, in the order in which Keras flattens dicts and lists of them."""

import keras
import numpy as np


def fed(model, inputs):
    """Arrays in the order of `model.inputs`, as the model was made to take them."""
    if isinstance(model, keras.Sequential):
        return inputs[0]
    return keras.tree.pack_sequence_as(model.input, inputs)


def put_out(model, inputs):
    return [np.asarray(out, np.float32) for out in keras.tree.flatten(model(fed(model, inputs), training=False))]
