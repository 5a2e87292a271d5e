"""configurations.py FOLDER: models compiled with each optimizer, and with frozen parts; both formats.

Prints { optimizers: [{ name, className, config, learningRate (null for a schedule) }], frozen: [{ name, weights: [{ sum, size,
trainable }] }] }; the files are NAME.keras and NAME.h5. `configurations.py --weights FILE…` prints the weights of each such file.
"""

import json
import os
import sys

import keras
import numpy as np
from keras import layers, optimizers

schedules = optimizers.schedules
OPTIMIZERS = {
    "adam": lambda: optimizers.Adam(0.002, beta_1=0.85, beta_2=0.97, epsilon=1e-6),
    "adam_by_name": lambda: "adam",
    "sgd_by_name": lambda: "sgd",
    "rmsprop_by_name": lambda: "rmsprop",
    "sgd": lambda: optimizers.SGD(0.03, momentum=0.9, nesterov=True),
    "rmsprop": lambda: optimizers.RMSprop(0.0007, rho=0.8, momentum=0.3, epsilon=1e-5),
    "schedule": lambda: optimizers.SGD(schedules.CosineDecay(0.1, 100), momentum=0.5),
    "scaled": lambda: optimizers.LossScaleOptimizer(optimizers.Adam(0.004)),
    "adamw": lambda: optimizers.AdamW(0.003),
    "amsgrad": lambda: optimizers.Adam(0.001, amsgrad=True),
    "clipped": lambda: optimizers.SGD(0.01, global_clipnorm=1.0),
    "centered": lambda: optimizers.RMSprop(0.001, centered=True),
    "nadam": lambda: optimizers.Nadam(0.001),
    "adagrad": lambda: optimizers.Adagrad(0.01),
    "adadelta": lambda: optimizers.Adadelta(1.0),
    "adamax": lambda: optimizers.Adamax(0.001),
    "lion": lambda: optimizers.Lion(0.0001),
    "ftrl": lambda: optimizers.Ftrl(0.001),
}


def save(model, folder, name):
    model.save(os.path.join(folder, f"{name}.keras"))
    model.save(os.path.join(folder, f"{name}.h5"))


def compiled(folder, name):
    model = keras.Sequential([keras.Input((4, 3)), layers.LSTM(2)])
    model.compile(OPTIMIZERS[name](), "mse")
    save(model, folder, name)
    own = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    config = {key: value for key, value in own.get_config().items() if isinstance(value, (int, float))}
    rate = own.get_config()["learning_rate"]
    return {"name": name, "className": type(own).__name__, "config": config, "learningRate": rate if isinstance(rate, float) else None}


def nested(trainable):
    return keras.Sequential([keras.Input((4, 3)), layers.LSTM(2, return_sequences=True), layers.Dense(3)], name=f"inner_{trainable}")


def frozen_nested():
    inner = nested("no")
    inner.trainable = False
    return keras.Sequential([keras.Input((4, 3)), inner, layers.GRU(2, reset_after=False), layers.Dense(1)])


def frozen_inside_nested():
    inner = nested("partly")
    inner.layers[0].trainable = False
    return keras.Sequential([keras.Input((4, 3)), inner, layers.GRU(2, reset_after=False), layers.Dense(1)])


def frozen_bidirectional():
    both = layers.Bidirectional(layers.LSTM(2, return_sequences=True))
    both.trainable = False
    return keras.Sequential([keras.Input((4, 3)), both, layers.GRU(2, reset_after=False), layers.Dense(1)])


def frozen_steps():
    steps = layers.TimeDistributed(layers.Dense(2))
    steps.trainable = False
    return keras.Sequential([keras.Input((4, 3)), layers.LSTM(2, return_sequences=True), steps, layers.LSTM(2)])


def frozen_embedding():
    return keras.Sequential([keras.Input((4,)), layers.Embedding(7, 3, trainable=False), layers.BatchNormalization(), layers.LSTM(2)])


def frozen_whole():
    inputs = keras.Input((4, 3))
    model = keras.Model(inputs, layers.Dense(1)(layers.LSTM(2)(inputs)))
    model.trainable = False
    return model


def frozen_but_one():
    """Nothing is trained of a model that is frozen as a whole, whatever its layers say."""
    model = frozen_whole()
    model.layers[-1].trainable = True
    return model


def frozen_and_masked():
    """TensorFlow.js needs a table that says which steps are real: its mean takes all of them."""
    masked = layers.Embedding(7, 3, mask_zero=True, trainable=False)
    return keras.Sequential([keras.Input((4,)), masked, layers.LSTM(2, return_sequences=True), layers.GlobalAveragePooling1D(), layers.Dense(3)])


FROZEN = [frozen_and_masked, frozen_nested, frozen_inside_nested, frozen_bidirectional, frozen_steps, frozen_embedding, frozen_whole, frozen_but_one]


def frozen(folder, build):
    keras.utils.set_random_seed(5)
    model = build()
    random = np.random.default_rng(6)
    for weight in model.weights:
        weight.assign(random.uniform(0.5, 1.5, weight.shape).astype(np.float32))
    save(model, folder, build.__name__)
    return {"name": build.__name__, "weights": weights_of(os.path.join(folder, f"{build.__name__}.keras"))}


def weights_of(path):
    """What training changes is what Keras finds when it opens the file."""
    opened = keras.models.load_model(path)
    trainable = {id(weight) for weight in opened.trainable_weights}
    return [
        {"sum": float(np.asarray(weight, np.float64).sum()), "size": int(np.prod(weight.shape)), "trainable": id(weight) in trainable}
        for weight in opened.weights
        if "seed_generator" not in weight.path
    ]


def main():
    if sys.argv[1] == "--weights":
        print(json.dumps([weights_of(path) for path in sys.argv[2:]]))
        return
    (folder,) = sys.argv[1:]
    made = {
        "optimizers": [compiled(folder, name) for name in OPTIMIZERS],
        "frozen": [frozen(folder, build) for build in FROZEN],
    }
    print(json.dumps(made))


if __name__ == "__main__":
    main()
