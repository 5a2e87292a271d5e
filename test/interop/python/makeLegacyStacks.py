"""makeLegacyStacks.py FOLDER: .h5 files as Keras 2 wrote them, of three LSTM layers, as NAME.h5, NAME.npz, and NAME.without.h5 without a layer.

stacks.json lists them: [{ name, leaving }].
"""

import json
import sys
from pathlib import Path

import numpy as np
from makeLegacy import F, H, INPUT, REAL, Drawer, T, keras2_config, keras2_dense, keras2_names, pairs, write

# By the name: which layer goes, widths of the layers, whether the configuration is a bare list, in how many parts lists of names are.
STACKS = {
    "first_in_bare_list": ("lstm_1", (F, H, 4), True, 1, "2.1.0"),
    "middle_in_parts": ("lstm_2", (H, H, 4), False, 3, "2.3.1"),
    "first_in_parts": ("lstm_1", (F, H, 4), False, 4, "2.2.4"),
}


def stack(name, without):
    leaving, widths, bare, parts, version = STACKS[name]
    draw = Drawer(name)
    config, layers, inputs = [], [], F
    for i, units in enumerate(widths, 1):
        layer = f"lstm_{i}"
        arrays = pairs(keras2_names(layer), draw.joined("LSTM", inputs, units))
        inputs = units
        if not (without and layer == leaving):
            more = {} if config else INPUT
            config.append(keras2_config("LSTM", layer, units, return_sequences=i < len(widths), **more))
            layers.append((layer, arrays))
    config.append(keras2_dense("dense_1", 2, "linear"))
    layers.append(("dense_1", [("dense_1/kernel:0", draw.matrix(inputs, 2)), ("dense_1/bias:0", draw.vector(2))]))
    model = config if bare else {"name": "sequential_1", "layers": config}
    return model, layers, {"version": version, "backend": "tensorflow", "loss": REAL, "parts": parts}


def main():
    folder = Path(sys.argv[1])
    for name in STACKS:
        for file, without in ((name, False), (f"{name}.without", True)):
            config, layers, more = stack(name, without)
            write(folder, file, config, layers, **more)
        random = np.random.default_rng(len(name))
        np.savez(folder / f"{name}.npz", x_test=random.normal(0, 1, (9, T, F)), y_test=random.normal(0, 1, (9, 2)))
    index = [{"name": name, "leaving": [leaving]} for name, (leaving, *_) in STACKS.items()]
    (folder / "stacks.json").write_text(json.dumps(index))


if __name__ == "__main__":
    main()
