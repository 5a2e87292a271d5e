"""Keras on TensorFlow as a contender: `python kerasPeer.py THREADS`."""

import sys

import keras
import numpy as np
import tensorflow as tf

from worker import best, mean_square, serve

THREADS = int(sys.argv[1])
tf.config.threading.set_intra_op_parallelism_threads(THREADS)
tf.config.threading.set_inter_op_parallelism_threads(THREADS)


def network(configuration, tensors):
    """[Embedding,] LSTM layers, a dense layer over the last output or over every one: logits."""
    c = configuration
    token_ids = "vocabulary" in c
    model = keras.Sequential(
        [keras.Input((c["steps"],), dtype="int32") if token_ids else keras.Input((c["steps"], c["inputs"]))]
    )
    if token_ids:
        model.add(keras.layers.Embedding(c["vocabulary"], c["inputs"], weights=[tensors["embedding"]]))
    for layer in range(c["layers"]):
        last = layer == c["layers"] - 1
        model.add(keras.layers.LSTM(c["hidden"], return_sequences=c["sequences"] or not last, name=f"lstm{layer}"))
    model.add(keras.layers.Dense(c["classes"], name="dense"))
    for layer in range(c["layers"]):
        model.get_layer(f"lstm{layer}").set_weights(
            [tensors[f"{name}{layer}"] for name in ("kernel", "recurrent", "bias")]
        )
    model.get_layer("dense").set_weights([tensors["dense"], tensors["denseBias"]])
    return model


def forward_candidate(configuration, tensors, jit):
    model = network(configuration, tensors)
    x = tf.constant(tensors["x"])
    call = tf.function(lambda x: model(x, training=False), jit_compile=jit)
    return ("compiled by XLA" if jit else "graph", lambda: call(x).numpy())


def train_candidate(configuration, tensors, jit):
    model = network(configuration, tensors)
    model.compile(
        optimizer=keras.optimizers.Adam(1e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=jit,
    )
    x, y = tensors["x"], tensors["y"]
    first = []

    def step():
        # As Keras' own loop returns it: a loss that is ready.
        loss = float(np.asarray(model.train_on_batch(x, y)))
        if not first:
            first.append(loss)
        return loss

    step()
    return ("compiled by XLA" if jit else "graph", step, first[0])


def prepare(configuration, run, tensors):
    keras.backend.clear_session()
    if run == "forward":
        setting, step = best([forward_candidate(configuration, tensors, jit) for jit in (False, True)])
        return setting, mean_square(step()), step
    setting, step, loss = best([train_candidate(configuration, tensors, jit) for jit in (False, True)])
    return setting, loss, step


serve({"keras": keras.__version__, "tensorflow": tf.__version__}, prepare)
