"""initialWeights.py FILE: saves a model of layers with default initializers, freshly built and large enough for statistics."""

import sys

import keras
from keras import layers

STEPS, WORDS = 6, 400


def model():
    ids = keras.Input((STEPS,), name="ids")
    x = layers.Embedding(WORDS, 48, name="embedding")(ids)
    x = layers.LSTM(96, return_sequences=True, name="lstm")(x)
    x = layers.Bidirectional(layers.GRU(64, return_sequences=True), name="bidirectional")(x)
    x = layers.GRU(72, reset_after=False, return_sequences=True, name="gru")(x)
    x = layers.TimeDistributed(layers.Dense(80), name="distributed")(x)
    x = layers.SimpleRNN(384, return_sequences=True, name="rnn")(x)
    x = layers.BatchNormalization(name="batch")(x)
    x = layers.LayerNormalization(name="layer")(x)
    attended = layers.Attention(use_scale=True, name="dot")([x, x])
    x = layers.AdditiveAttention(name="additive")([attended, x])
    x = layers.GlobalAveragePooling1D()(x)
    return keras.Model(ids, layers.Dense(50, activation="softmax", name="dense")(x))


def main():
    keras.utils.set_random_seed(5)
    model().save(sys.argv[1])


if __name__ == "__main__":
    main()
