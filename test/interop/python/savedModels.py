"""Makes SavedModels with recurrent layers, or judges copies of them.

`savedModels.py make FOLDER` writes FOLDER/NAME/ and FOLDER/cases.json: {NAME: {variable: packed}}.
`savedModels.py judge LIST OUT`: LIST is JSON: [{path, inputs: packed}]; OUT gets for each the variables by name, as TensorFlow reads them,
checksums and all, and the outputs of the served signature.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from packed import packed, unpacked


def model(*stack, shape=(5, 3)):
    built = keras.Sequential([keras.Input(shape, batch_size=None), *stack])
    rng = np.random.default_rng(3)
    built.set_weights([w + rng.normal(0, 0.2, w.shape).astype(w.dtype) for w in built.get_weights()])
    return built


MODELS = {
    "lstm": lambda: model(layers.LSTM(6), layers.Dense(4)),
    "bidirectional_gru": lambda: model(layers.Bidirectional(layers.GRU(5)), layers.Dense(2)),
    "stacked": lambda: model(layers.LSTM(6, return_sequences=True), layers.SimpleRNN(4), layers.Dense(2)),
}


class Cells(tf.Module):
    """Variables called as tf.keras of TensorFlow 2.0 to 2.15 called them."""

    def __init__(self):
        super().__init__()
        rng = np.random.default_rng(5)
        shapes = {"kernel": (3, 16), "recurrent_kernel": (4, 16), "bias": (16,)}
        self.weights = [
            tf.Variable(rng.normal(size=shape).astype(np.float32), name=f"lstm/lstm_cell/{name}")
            for name, shape in shapes.items()
        ]

    @tf.function(input_signature=[tf.TensorSpec((None, 5, 3))])
    def serve(self, x):
        kernel, recurrent, bias = self.weights
        h = c = tf.zeros((tf.shape(x)[0], 4))
        for t in range(5):
            i, f, g, o = tf.split(x[:, t] @ kernel + h @ recurrent + bias, 4, axis=1)
            c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
            h = tf.sigmoid(o) * tf.tanh(c)
        return {"output": h}


def variables(path):
    reader = tf.train.load_checkpoint(str(Path(path) / "variables" / "variables"))
    keys = [key for key, kind in reader.get_variable_to_dtype_map().items() if kind == tf.float32]
    return {key: packed(reader.get_tensor(key)) for key in keys}


def make(folder):
    cases = {}
    for name, build in MODELS.items():
        keras.utils.set_random_seed(7)
        build().export(str(folder / name), format="tf_saved_model", verbose=False)
    module = Cells()
    tf.saved_model.save(module, str(folder / "named"), signatures=module.serve)
    trained = MODELS["stacked"]()
    trained.compile("adam", "mse")
    trained.fit(np.ones((4, 5, 3), np.float32), np.ones((4, 2), np.float32), verbose=0)
    tf.saved_model.save(trained, str(folder / "trained"))
    for name in [*MODELS, "named", "trained"]:
        cases[name] = variables(folder / name)
    (folder / "cases.json").write_text(json.dumps(cases))


def judge(cases):
    results = []
    for case in cases:
        served = tf.saved_model.load(case["path"]).signatures["serving_default"]
        [given] = served.structured_input_signature[1].values()
        outputs = served(**{given.name: tf.constant(unpacked(case["inputs"]))})
        [output] = outputs.values()
        results.append({"variables": variables(case["path"]), "outputs": packed(output.numpy())})
    return results


if sys.argv[1] == "make":
    make(Path(sys.argv[2]))
else:
    Path(sys.argv[3]).write_text(json.dumps(judge(json.loads(Path(sys.argv[2]).read_text()))))
