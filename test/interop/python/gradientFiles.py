"""gradientFiles.py FOLDER: what Keras differentiates, for the compiled models of graphCases.py.

Beside what makeModels.py writes of each case, NAME.gradients.keras is the model with the gradient of the mean loss over the
samples of NAME.npz in the place of each trainable weight. Prints { NAME: loss }. Nothing is dropped.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from feed import fed
from graphCases import graph_cases
from makeModels import make


def differentiate(folder, name):
    model = keras.models.load_model(folder / f"{name}.keras")
    with np.load(folder / f"{name}.npz") as arrays:
        inputs = [tf.constant(arrays[f"x{i}"]) for i in range(len(model.inputs))]
        y = tf.constant(arrays["y"])
    x = fed(model, inputs)
    weights = model.trainable_weights
    with tf.GradientTape() as tape:
        loss = model.compute_loss(x=x, y=y, y_pred=model(x, training=False))
    gradients = tape.gradient(loss, [weight.value for weight in weights], unconnected_gradients="zero")
    for weight, gradient in zip(weights, gradients, strict=True):
        weight.assign(tf.convert_to_tensor(gradient))
    model.save(folder / f"{name}.gradients.keras")
    return float(loss)


def gradient_files(folder, compiled):
    return {case.name: differentiate(folder, case.name) for case in compiled}


def main():
    folder = Path(sys.argv[1])
    compiled = [case for case in graph_cases() if case.loss is not None]
    for case in compiled:
        make(case, folder, ["keras"])
    print(json.dumps(gradient_files(folder, compiled)))


if __name__ == "__main__":
    main()
