"""Models in which TensorFlow Lite's converter gives several tensors one buffer, as their bytes are equal.

`tfliteShared.py make FOLDER` writes NAME.tflite and NAME.npz, and FOLDER/shared.json: [{name, path, data, inputs}]. `tfliteShared.py judge LIST OUT`
takes such a list, and writes for each {loss, outputs, sharing}: what the interpreter puts out, and the names of tensors that share a buffer.
"""

import json
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
from packed import packed
from tensorflow.lite.python import schema_py_generated as schema
from tfliteConverted import SAMPLES, STEPS, Net, convert, dense, last, lstm, samples
from tfliteModels import loss_of, outputs_of

WIDTH = 6


def again(net, factor):
    """Two LSTMs, the weights of the second those of the first times a factor: as int8 they are the same, and the scale is another."""
    first = lstm(net, WIDTH, WIDTH)
    second = lstm(net, WIDTH, WIDTH)
    for own, other in zip(net.held[:3], net.held[3:6], strict=True):
        other.assign(factor * own)
    return [first, second, last, dense(net, WIDTH, 4)]


def zero_biases(net):
    """As float16 the biases are the bytes of a place of the slice behind."""
    layers = [lstm(net, WIDTH, WIDTH), last, dense(net, WIDTH, 4)]
    net.held[2].assign(tf.zeros(4 * WIDTH))
    return layers


CASES = {
    # Whatever weight a gate has, it is 127 times its scale.
    "one_unit": (lambda net: [lstm(net, WIDTH, 1), last, dense(net, 1, 4)], "int8"),
    "twice": (lambda net: again(net, 2), "int8"),
    "tied": (lambda net: again(net, 1), "int8"),
    "zero_biases": (zero_biases, "float16"),
}


def sharing(content):
    model = schema.ModelT.InitFromPackedBuf(bytearray(content), 0)
    [graph] = model.subgraphs
    groups = {}
    for tensor in graph.tensors:
        data = model.buffers[tensor.buffer].data
        if data is not None and len(data) > 0:
            groups.setdefault(tensor.buffer, []).append(tensor.name.decode())
    return [sorted(names) for names in groups.values() if len(names) > 1]


def make(folder):
    cases = []
    for seed, (name, (layers, mode)) in enumerate(CASES.items()):
        path, data = folder / f"{name}.tflite", folder / f"{name}.npz"
        path.write_bytes(convert(Net(seed, layers), (STEPS, WIDTH), False, mode))
        targets = np.random.default_rng(seed).standard_normal((SAMPLES, 4)).astype(np.float32)
        inputs = samples((STEPS, WIDTH), False, 2, SAMPLES)
        np.savez(data, x=inputs, y=targets)
        cases.append({"name": name, "path": str(path), "data": str(data), "inputs": [packed(inputs)]})
    (folder / "shared.json").write_text(json.dumps(cases))


def judged(case):
    content, data = Path(case["path"]).read_bytes(), np.load(case["data"])
    outputs = outputs_of(content, data["x"])
    return {"loss": loss_of("values", outputs, data["y"]), "outputs": packed(outputs), "sharing": sharing(content)}


if sys.argv[1] == "make":
    make(Path(sys.argv[2]))
else:
    Path(sys.argv[3]).write_text(json.dumps([judged(case) for case in json.loads(Path(sys.argv[2]).read_text())]))
