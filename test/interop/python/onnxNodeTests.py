"""onnxNodeTests.py TESTS FOLDER: ONNX' own tests of its recurrent operators as model files.

The tests give weights as inputs; FOLDER gets NAME.onnx with all inputs but X and sequence_lens as weights in the file. Printed:
[{ file, inputs: { name: packed array, batch first }, outputs: [packed array, batch first] }].
"""

import glob
import json
import os
import sys

import numpy as np
from onnx import TensorProto, load, numpy_helper, save
from packed import packed


def tensors(folder, kind, count):
    for i in range(count):
        tensor = TensorProto()
        with open(os.path.join(folder, "test_data_set_0", f"{kind}_{i}.pb"), "rb") as file:
            tensor.ParseFromString(file.read())
        yield numpy_helper.to_array(tensor)


def main():
    tests, target = sys.argv[1:]
    answers = []
    for path in sorted(glob.glob(os.path.join(tests, "*", "model.onnx"))):
        folder = os.path.dirname(path)
        model = load(path)
        graph = model.graph
        [node] = graph.node
        layout = next((one.i for one in node.attribute if one.name == "layout"), 0)
        given = dict(zip([one.name for one in graph.input], tensors(folder, "input", len(graph.input))))
        outputs = list(tensors(folder, "output", len(graph.output)))
        fed = [one for one in graph.input if one.name in ("X", "sequence_lens")]
        graph.initializer.extend(numpy_helper.from_array(given[name], name) for name in given if name not in [one.name for one in fed])
        del graph.input[:]
        graph.input.extend(fed)
        file = f"{os.path.basename(folder)}.onnx"
        save(model, os.path.join(target, file))
        batch = {"X": 0 if layout else 1, "sequence_lens": 0}
        named = [name for name in node.output if name]
        axes = {node.output[0]: 0 if layout else 2}
        answers.append(
            {
                "file": file,
                "inputs": {one.name: packed(np.moveaxis(given[one.name], batch[one.name], 0)) for one in fed},
                "outputs": [
                    packed(np.moveaxis(array, axes.get(name, 0 if layout else 1), 0)) for name, array in zip(named, outputs)
                ],
            }
        )
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
