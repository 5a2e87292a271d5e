"""Makes what the comparison needs: data with a validation part, so that both sides train on the same samples, and two models that Keras
trains."""

import os
import sys

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

STEPS = 64
TRAIN, TEST = 4096, 768
DATA = {"mnist": "mnist_rows", "failure": "cmapss_failure_within_30", "life": "cmapss_remaining_life"}


def split(source, out):
    """The last tenth of the training part becomes the validation part."""
    arrays = dict(np.load(source))
    kept = len(arrays["x_train"]) * 9 // 10
    for name in ("x", "y"):
        train = arrays[f"{name}_train"]
        arrays[f"{name}_train"], arrays[f"{name}_val"] = train[:kept], train[kept:]
    np.savez(out, **arrays)


def shakespeare(text_file, out):
    """Windows of 64 characters, y the next one of each; the end of the text is the test part."""
    with open(text_file, encoding="utf-8") as file:
        text = file.read()
    characters = sorted(set(text))
    ids = np.array([characters.index(character) for character in text], dtype=np.int32)
    windows = [(ids[at : at + STEPS], ids[at + 1 : at + STEPS + 1]) for at in range(0, len(ids) - STEPS, STEPS)]
    x, y = (np.stack(part) for part in zip(*windows))
    np.savez(out, x_train=x[:TRAIN], y_train=y[:TRAIN], x_test=x[-TEST:], y_test=y[-TEST:])
    split(out, out)
    return len(characters)


def train(model, file, data, epochs):
    arrays = np.load(data)
    model.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.004, epochs * -(-len(arrays["x_train"]) // 64))),
        loss="sparse_categorical_crossentropy",
    )
    model.fit(arrays["x_train"], arrays["y_train"], batch_size=64, epochs=epochs, verbose=0)
    # Without optimizer: whoever fine-tunes chooses one.
    plain = keras.models.clone_model(model)
    plain.set_weights(model.get_weights())
    plain.save(file)


def main(folder, shared):
    keras.utils.set_random_seed(1)
    layers = keras.layers
    for task, source in DATA.items():
        split(f"{shared}/data/{source}.npz", f"{folder}/{task}.npz")
    mnist = keras.Sequential([keras.Input((28, 28)), layers.LSTM(128), layers.Dense(10, activation="softmax")])
    train(mnist, f"{folder}/mnist.keras", f"{folder}/mnist.npz", 15)
    vocabulary = shakespeare(f"{shared}/data/tinyshakespeare/input.txt", f"{folder}/shakespeare.npz")
    text = keras.Sequential(
        [
            keras.Input((STEPS,), dtype="int32"),
            layers.Embedding(vocabulary, 32),
            layers.LSTM(128, return_sequences=True),
            layers.Dense(vocabulary, activation="softmax"),
        ]
    )
    train(text, f"{folder}/shakespeare.keras", f"{folder}/shakespeare.npz", 15)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
