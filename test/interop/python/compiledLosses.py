"""compiledLosses.py FOLDER: a model for each loss and its arguments, and one step of plain SGD with it.

Writes NAME.keras, NAME.trained.keras after the step and NAME.npz with x and y. Prints [{ name, loss: what evaluate() says }].
"""

import json
import os
import sys

import keras
import numpy as np
from keras import layers, losses

SAMPLES, STEPS, FEATURES, CLASSES = 12, 5, 3, 4
RATE = 0.05
random = np.random.default_rng(8)
classes = random.integers(0, CLASSES, SAMPLES)
one_hot = np.eye(CLASSES, dtype=np.float32)[classes]
bits = random.integers(0, 2, (SAMPLES, CLASSES)).astype(np.float32)
# Of as many steps as there are, with zeros behind; some repeat, and there may be none.
labels = np.array([[1, 2, 3], [2, 2, 0], [3, 0, 0], [0, 0, 0], [1, 3, 1], [3, 2, 2]] * 2)
steps = random.integers(0, 2, (SAMPLES, STEPS, CLASSES)).astype(np.float32)
step_classes = random.integers(0, CLASSES, (SAMPLES, STEPS))
numbers = random.normal(0, 1, (SAMPLES, CLASSES)).astype(np.float32)

# activation of the head, loss, targets, loss_weights
CASES = {
    "smoothed": ("softmax", losses.CategoricalCrossentropy(label_smoothing=0.1), one_hot, None),
    "smoothed_logits": (None, losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.2), one_hot, None),
    "smoothed_bits": ("sigmoid", losses.BinaryCrossentropy(label_smoothing=0.1), bits, None),
    "ignored": ("softmax", losses.SparseCategoricalCrossentropy(ignore_class=2), classes, None),
    "ignored_logits": (None, losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1), classes - 1, None),
    "focal": ("sigmoid", losses.BinaryFocalCrossentropy(), bits, None),
    "focal_balanced": (None, losses.BinaryFocalCrossentropy(True, gamma=1.5, from_logits=True, label_smoothing=0.1), bits, None),
    "focal_classes": ("softmax", losses.CategoricalFocalCrossentropy(gamma=3.0, alpha=0.5), one_hot, None),
    "focal_logits": (None, losses.CategoricalFocalCrossentropy(from_logits=True, label_smoothing=0.1), one_hot, None),
    "huber": (None, losses.Huber(delta=0.3), numbers, None),
    "hinge": ("tanh", "hinge", bits, None),
    "hinge_signs": (None, losses.Hinge(), 2 * bits - 1, None),
    "squared_hinge": ("tanh", losses.SquaredHinge(), bits, None),
    "categorical_hinge": (None, "categorical_hinge", one_hot, None),
    "cosine": (None, losses.CosineSimilarity(), numbers, None),
    "weighted": ("softmax", "categorical_crossentropy", one_hot, [2.5]),
    "weighted_class": (None, losses.LogCosh(), numbers, [0.5]),
    "percentage": (None, "mape", numbers, None),
    "generalized": ("softmax", losses.CategoricalGeneralizedCrossEntropy(), classes, None),
    "generalized_q": ("softmax", losses.CategoricalGeneralizedCrossEntropy(q=0.7), classes, None),
    "ctc": (None, losses.CTC(), labels, None),
    "ctc_weighted": (None, "ctc", labels, [0.5]),
    "ctc_softmax": ("softmax", losses.CTC(), labels, None),
    "dice": ("sigmoid", losses.Dice(), bits, None),
    "dice_rows": ("softmax", losses.Dice(axis=-1), one_hot, None),
    "tversky": ("sigmoid", losses.Tversky(alpha=0.25, beta=0.8), bits, [0.5]),
    "tversky_steps": ("sigmoid", losses.Tversky(alpha=0.3, axis=(1, 2)), steps, None),
    "dice_steps": ("softmax", losses.Dice(axis=None), steps, None),
    "axis_steps": ("softmax", losses.CategoricalCrossentropy(axis=2), np.eye(CLASSES, dtype=np.float32)[step_classes], None),
    "sum": ("softmax", losses.CategoricalCrossentropy(reduction="sum"), one_hot, [2.0]),
    "sum_steps": (None, losses.CategoricalHinge(reduction="sum"), np.eye(CLASSES, dtype=np.float32)[step_classes], None),
    "sum_dice_steps": ("sigmoid", losses.Dice(reduction="sum"), steps, None),
    "logarithmic": ("softplus", losses.MeanSquaredLogarithmicError(), np.abs(numbers), None),
}


def make(folder, name):
    activation, loss, targets, weights = CASES[name]
    keras.utils.set_random_seed(9)
    x = random.normal(0, 1, (SAMPLES, STEPS, FEATURES)).astype(np.float32)
    masking = [layers.Masking()] if name == "sum_steps" else []
    recurrent = layers.GRU(5, return_sequences=name.startswith("ctc") or name.endswith("steps"))
    model = keras.Sequential([keras.Input((STEPS, FEATURES)), *masking, recurrent, layers.Dense(CLASSES, activation=activation)])
    if masking:
        x[::2, 3:] = 0
    model.compile(keras.optimizers.SGD(RATE), loss, loss_weights=weights, run_eagerly=True)
    path = os.path.join(folder, name)
    model.save(f"{path}.keras")
    # Of a loss the file holds less than there was: no delta of Huber's.
    model = keras.models.load_model(f"{path}.keras")
    model.run_eagerly = True
    np.savez(f"{path}.npz", x=x, y=targets)
    found = float(model.evaluate(x, targets, batch_size=SAMPLES, verbose=0))
    model.train_on_batch(x, targets)
    model.save(f"{path}.trained.keras")
    return {"name": name, "loss": found}


def main():
    print(json.dumps([make(sys.argv[1], name) for name in CASES]))


if __name__ == "__main__":
    main()
