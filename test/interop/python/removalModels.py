"""removalModels.py FOLDER: writes the cases of removalCases.py as NAME.keras and NAME.h5, and as Keras builds them without the layers.

NAME.without.keras and .h5 have the weights of the layers of the same names. NAME.npz holds the inputs x0, … and the outputs y without the
layers. cases.json lists the cases: [{ name, leaving, inputs, output }].
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
from feed import put_out
from makeModels import make
from packed import packed
from removalCases import removal_cases


def copy_weights(whole, without):
    for layer in without.layers:
        source = whole.get_layer(layer.name)
        if hasattr(layer, "layers"):
            copy_weights(source, layer)
        else:
            layer.set_weights(source.get_weights())


def without_layers(case, folder):
    """The model that Keras builds without the layers, saved, and what it puts out."""
    whole = keras.models.load_model(folder / f"{case.name}.keras")
    keras.backend.clear_session()
    model = case.build(True)
    copy_weights(whole, model)
    with np.load(folder / f"{case.name}.npz") as data:
        arrays = {name: data[name] for name in data.files if name != "y"}
    (output,) = put_out(model, [arrays["x0"]])
    for extension in ("keras", "h5"):
        model.save(folder / f"{case.name}.without.{extension}")
    np.savez(folder / f"{case.name}.npz", **arrays, y=output)
    return output


def main():
    folder = Path(sys.argv[1])
    index = []
    for case in removal_cases():
        made = make(case.case(False), folder)
        output = without_layers(case, folder)
        index.append({"name": case.name, "leaving": case.leaving, "inputs": made["inputs"], "output": packed(output)})
    (folder / "cases.json").write_text(json.dumps(index))


if __name__ == "__main__":
    main()
