"""Models as TensorFlow Lite's own converter writes them: `tfliteConverted.py FOLDER`.

Keras 3 writes loops, which the converter does not fuse. It does fuse what Keras 2 marked as an LSTM: a function with the attribute
`api_implements`, five results and six arguments, which is written here as Keras 2 wrote it. Each network is converted in every way in which
quantisation can be asked for. Writes NAME.tflite and NAME.npz (x and y), and FOLDER/converted.json: [{name, path, data, loss, inputs, outputs}].
"""

import json
import sys
import tempfile
import uuid
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from packed import packed
from tfliteModels import loss_of, outputs_of

SAMPLES, STEPS, WIDTH, VOCABULARY = 40, 5, 3, 50


class Net(tf.Module):
    """Layers one after the other; weights are drawn from the seed."""

    def __init__(self, seed, make):
        super().__init__()
        self.rng = np.random.default_rng(seed)
        self.held = []
        self.layers = make(self)

    def weights(self, *shape):
        variable = tf.Variable(self.rng.normal(0, 0.4, shape).astype(np.float32))
        self.held.append(variable)
        return variable

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def lstm(net, width, units, backwards=False):
    """Keras 2's LSTM over x [1, T, width], all outputs; those of one that goes backwards are turned round."""
    kernel, recurrent, bias = net.weights(width, 4 * units), net.weights(units, 4 * units), net.weights(4 * units)

    def standard_lstm(inputs, first_h, first_c, kernel, recurrent_kernel, bias):
        x = tf.transpose(inputs, [1, 0, 2])
        steps = tf.shape(x)[0]
        outputs = tf.TensorArray(tf.float32, steps, element_shape=first_h.shape)

        def step(t, h, c, outputs):
            i, f, g, o = tf.split(tf.matmul(x[t], kernel) + tf.matmul(h, recurrent_kernel) + bias, 4, axis=1)
            c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
            h = tf.sigmoid(o) * tf.tanh(c)
            return t + 1, h, c, outputs.write(t, h)

        _, h, c, outputs = tf.while_loop(lambda t, *_: t < steps, step, (0, first_h, first_c, outputs))
        return h, tf.transpose(outputs.stack(), [1, 0, 2]), h, c, tf.constant(0.0)

    attributes = {
        "api_implements": f"lstm_{uuid.uuid4()}",
        "api_preferred_device": "CPU",
        "time_major": False,
        "go_backwards": backwards,
    }
    fused = tf.function(standard_lstm, autograph=False, experimental_attributes=attributes)

    def call(x):
        zeros = tf.zeros((1, units))
        return fused(x, zeros, zeros, kernel.read_value(), recurrent.read_value(), bias.read_value())[1]

    return call


def both_ways(net, width, units):
    forward, backward = lstm(net, width, units), lstm(net, width, units, backwards=True)
    return lambda x: tf.concat([forward(x), tf.reverse(backward(x), [1])], -1)


def dense(net, width, out, activation=lambda x: x):
    kernel, bias = net.weights(width, out), net.weights(out)

    def call(x):
        product = tf.matmul(x, kernel) if len(x.shape) == 2 else tf.tensordot(x, kernel, 1)
        return activation(tf.nn.bias_add(product, bias))

    return call


def embedding(net, width):
    table = net.weights(VOCABULARY, width)
    return lambda ids: tf.gather(table, tf.cast(ids, tf.int32))


def layer(net, width, kind, *args, steps=None, **options):
    """A layer of Keras for x [1, T, width]; of as many steps as are said, where it has weights for each or takes them one by one."""
    made = kind(*args, **options)
    made.build((1, steps, width))
    for weight in made.weights:
        weight.assign(net.rng.uniform(0.5, 1.5, weight.shape) if "variance" in weight.name else net.rng.normal(0, 0.4, weight.shape))
        net.held.append(weight.value)
    return made


def last(x):
    return x[:, -1, :]


def mean(x):
    return tf.reduce_mean(x, 1)


def beside(layer):
    return lambda x: x + layer(x)


def gated(x):
    return x * tf.sigmoid(x)


def shaped(*shape):
    return lambda x: tf.reshape(x, shape)


L = keras.layers
# name: layers, the input's shape, whether it is token ids, the loss
NETWORKS = {
    "classes": (lambda n: [lstm(n, WIDTH, 6), last, dense(n, 6, 4, tf.nn.softmax)], (STEPS, WIDTH), False, "classes"),
    "steps": (lambda n: [lstm(n, WIDTH, 6), dense(n, 6, 4)], (STEPS, WIDTH), False, "values"),
    # From 1024 weights on, the converter makes integers of a matrix without data, too.
    "wide": (
        lambda n: [lstm(n, 40, 40), lstm(n, 40, 33), last, dense(n, 33, 40, tf.nn.relu), dense(n, 40, 4, tf.nn.softmax)],
        (STEPS, 40),
        False,
        "classes",
    ),
    "wide_dense": (lambda n: [lstm(n, 32, 48), last, dense(n, 48, 33)], (STEPS, 32), False, "values"),
    "both_ways": (lambda n: [both_ways(n, WIDTH, 6), last, dense(n, 12, 4)], (STEPS, WIDTH), False, "values"),
    "sigmoid": (
        lambda n: [lstm(n, WIDTH, 6), last, dense(n, 6, 6, tf.nn.relu6), dense(n, 6, 1, tf.sigmoid)],
        (STEPS, WIDTH),
        False,
        "binary",
    ),
    "mean_tanh": (
        lambda n: [lstm(n, WIDTH, 6), mean, dense(n, 6, 4, tf.tanh), dense(n, 4, 3, tf.nn.softmax)],
        (STEPS, WIDTH),
        False,
        "classes",
    ),
    "sums_products": (
        lambda n: [lstm(n, WIDTH, 6), beside(lstm(n, 6, 6)), gated, mean, dense(n, 6, 3)],
        (STEPS, WIDTH),
        False,
        "values",
    ),
    "convolution": (
        lambda n: [layer(n, WIDTH, L.Conv1D, 8, 3, padding="same", activation="relu"), L.MaxPooling1D(2), lstm(n, 8, 6), last, dense(n, 6, 4, tf.nn.softmax)],
        (12, WIDTH),
        False,
        "classes",
    ),
    "causal_convolution": (
        lambda n: [
            layer(n, WIDTH, L.Conv1D, 8, 3, padding="causal", dilation_rate=2),
            L.LeakyReLU(0.1),
            L.AveragePooling1D(3, 2, padding="same"),
            lstm(n, 8, 6),
            last,
            dense(n, 6, 4),
        ],
        (12, WIDTH),
        False,
        "values",
    ),
    "separable_convolution": (
        lambda n: [
            L.ZeroPadding1D(2),
            layer(n, WIDTH, L.Conv1D, 8, 4, strides=2, activation="tanh"),
            layer(n, 8, L.BatchNormalization),
            layer(n, 8, L.SeparableConv1D, 6, 3),
            lstm(n, 6, 6),
            mean,
            dense(n, 6, 4),
        ],
        (12, WIDTH),
        False,
        "values",
    ),
    # The interpreter computes eight channels at once, and the others one by one.
    "depthwise_convolution": (
        lambda n: [layer(n, WIDTH, L.DepthwiseConv1D, 3, depth_multiplier=4, padding="same"), lstm(n, 12, 6), L.MaxPooling1D(3, 1, padding="same"), last, dense(n, 6, 4)],
        (12, WIDTH),
        False,
        "values",
    ),
    "wide_convolution": (
        lambda n: [layer(n, 40, L.Conv1D, 33, 3, strides=2, padding="same", activation="elu"), L.MaxPooling1D(2), lstm(n, 33, 6), last, dense(n, 6, 4)],
        (12, 40),
        False,
        "values",
    ),
    "normalised_layer": (
        lambda n: [layer(n, WIDTH, L.LayerNormalization), lstm(n, WIDTH, 6), last, layer(n, 6, L.LayerNormalization), dense(n, 6, 4)],
        (STEPS, WIDTH),
        False,
        "values",
    ),
    "prelu_layer": (
        lambda n: [lstm(n, WIDTH, 6), layer(n, 6, L.PReLU, shared_axes=[1]), layer(n, 6, L.PReLU, steps=STEPS), mean, dense(n, 6, 4)],
        (STEPS, WIDTH),
        False,
        "values",
    ),
    "gelu_layer": (
        lambda n: [lstm(n, WIDTH, 6), last, dense(n, 6, 5, tf.nn.gelu), dense(n, 5, 5, lambda x: tf.nn.gelu(x, True)), dense(n, 5, 4, tf.nn.softplus)],
        (STEPS, WIDTH),
        False,
        "values",
    ),
    "repeated_layer": (
        lambda n: [lstm(n, WIDTH, 6), L.UpSampling1D(2), lstm(n, 6, 5), last, L.RepeatVector(4), lstm(n, 5, 6), dense(n, 6, 4)],
        (STEPS, WIDTH),
        False,
        "values",
    ),
    # Keras 3 takes the steps apart where it knows how many there are, and Keras 2 has them as rows.
    "distributed_layer": (
        lambda n: [
            lstm(n, WIDTH, 6),
            shaped(1, STEPS, 6),
            layer(n, 6, L.TimeDistributed, L.Dense(5, activation="relu"), steps=STEPS),
            lstm(n, 5, 6),
            shaped(-1, 6),
            dense(n, 6, 4, tf.nn.softmax),
            shaped(-1, STEPS, 4),
        ],
        (STEPS, WIDTH),
        False,
        "classes",
    ),
    "embedding": (lambda n: [embedding(n, 32), lstm(n, 32, 40), last, dense(n, 40, 3, tf.nn.softmax)], (7,), True, "classes"),
}
MODES = ("float", "dynamic", "float16", "int8", "int8_inputs")


def samples(shape, is_ids, seed, count):
    rng = np.random.default_rng(seed)
    if is_ids:
        return rng.integers(0, VOCABULARY, (count, *shape)).astype(np.int32)
    return rng.standard_normal((count, *shape)).astype(np.float32)


def convert(net, shape, is_ids, mode):
    dtype = tf.int32 if is_ids else tf.float32
    function = tf.function(net.__call__).get_concrete_function(tf.TensorSpec((1, *shape), dtype))
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(net, folder, signatures=function)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if mode != "float":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if mode == "float16":
            converter.target_spec.supported_types = [tf.float16]
        if mode.startswith("int8"):
            converter.representative_dataset = lambda: ([x[None]] for x in samples(shape, is_ids, 1, 30))
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        if mode == "int8_inputs":
            converter.inference_input_type = converter.inference_output_type = tf.int8
        return converter.convert()


def targets(loss, outputs, rng):
    if loss == "values":
        return rng.standard_normal(outputs.shape).astype(np.float32)
    high = 2 if loss == "binary" else outputs.shape[-1]
    return rng.integers(0, high, (len(outputs), 1) if loss == "binary" else outputs.shape[:-1]).astype(np.int32)


def main():
    folder = Path(sys.argv[1])
    cases = []
    for seed, (name, (make, shape, is_ids, loss)) in enumerate(NETWORKS.items()):
        for mode in MODES:
            # These have nothing of their own there.
            plain = "convolution" in name or "layer" in name
            if (is_ids and mode == "int8_inputs") or (plain and mode in ("float16", "int8_inputs")):
                continue
            content = convert(Net(seed, make), shape, is_ids, mode)
            path, data = folder / f"{name}_{mode}.tflite", folder / f"{name}_{mode}.npz"
            path.write_bytes(content)
            x = samples(shape, is_ids, 2, SAMPLES)
            outputs = outputs_of(content, x)
            y = targets(loss, outputs, np.random.default_rng(seed))
            np.savez(data, x=x, y=y)
            case = {"name": f"{name}_{mode}", "path": str(path), "data": str(data), "kind": loss}
            case |= {"loss": loss_of(loss, outputs, y), "inputs": [packed(x)], "outputs": [packed(outputs)]}
            cases.append(case)
    (folder / "converted.json").write_text(json.dumps(cases))


if __name__ == "__main__":
    main()
