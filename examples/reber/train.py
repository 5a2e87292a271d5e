"""Trains an LSTM on reber.npz with Keras 3 and saves it, optimizer state included, as reber.keras.

    python train.py                 trains, saves and measures
    python train.py --measure       measures the saved model only

Needs keras and a backend (the committed model was made with TensorFlow on a CPU).
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras  # noqa: E402
import numpy as np  # noqa: E402

HERE = Path(__file__).parent
SEED = 1997
UNITS = 40


def build(steps, symbols):
    """x [B,T,7] -> probabilities of the next symbol [B,T,7]; all-zero steps are masked out."""
    model = keras.Sequential(
        [
            keras.Input((steps, symbols)),
            keras.layers.Masking(0.0),
            keras.layers.LSTM(UNITS, return_sequences=True),
            keras.layers.Dense(symbols, activation="softmax"),
        ],
        name="reber",
    )
    model.compile(optimizer=keras.optimizers.Adam(0.005), loss="sparse_categorical_crossentropy")
    return model


def train(data, path):
    keras.utils.set_random_seed(SEED)
    model = build(*data["x_train"].shape[1:])
    model.fit(
        data["x_train"],
        data["y_train"],
        validation_data=(data["x_val"], data["y_val"]),
        epochs=80,
        batch_size=64,
        verbose=2,
        callbacks=[
            keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=4, min_lr=1e-4),
            keras.callbacks.EarlyStopping(patience=12, restore_best_weights=True),
        ],
    )
    model.save(path)


def measure(data, path):
    """Loss and accuracy over the unmasked steps of the test strings, and the embedded symbol's share of right answers."""
    model = keras.models.load_model(path)
    x, y = data["x_test"], data["y_test"]
    probabilities = np.asarray(model.predict(x, verbose=0), np.float64)
    real = x.any(-1)
    loss = -np.log(np.take_along_axis(probabilities, y[..., None], -1)[..., 0])[real].mean()
    # The last predicted symbol is E; the one before it repeats the T or P of the second symbol.
    rows = np.arange(len(x))
    second_last = real.sum(1) - 2
    guess = probabilities.argmax(-1)
    evaluated = model.evaluate(x, y, batch_size=len(x), verbose=0)
    print(f"test loss {loss:.6f} nats a symbol; Keras' evaluate in one batch {evaluated:.6f}")
    print(f"embedded T/P right in {(guess == y)[rows, second_last].sum()} of {len(x)} strings")
    print(f"least probability given to it: {probabilities[rows, second_last, y[rows, second_last]].min():.4f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--measure", action="store_true", help="measure reber.keras, train nothing")
    parser.add_argument("--out", type=Path, default=HERE / "reber.keras")
    options = parser.parse_args()
    with np.load(HERE / "reber.npz") as file:
        data = dict(file)
    if not options.measure:
        train(data, options.out)
    measure(data, options.out)


if __name__ == "__main__":
    main()
