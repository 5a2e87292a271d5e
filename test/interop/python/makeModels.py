"""makeModels.py FOLDER [CASE …]: writes the cases of modelCases.py, or those named, as NAME.keras and NAME.h5, with what Keras computes for it.

NAME.npz holds the inputs x0, x1, … and the targets y where there are any. cases.json lists the cases, with the inputs and
Keras' outputs as { shape, dtype, base64 }: [{ name, required, tolerance, inputs, outputs, loss? }].
All models are made in this one process, since TensorFlow takes seconds to start.
"""

import json
import sys
import warnings
import zlib
from pathlib import Path

import keras
import numpy as np
from feed import fed, put_out
from modelCases import Case, cases
from packed import packed

warnings.filterwarnings("ignore")


def randomise(model, random, gain):
    """Weights and biases that are neither constant nor small; moving variances stay positive."""
    for variable in model.weights:
        shape = tuple(variable.shape)
        if "variance" in variable.path:
            value = random.uniform(0.5, 2.0, shape)
        elif "gamma" in variable.path:
            value = random.uniform(0.5, 1.5, shape)
        elif len(shape) < 2 or "bias" in variable.path:
            value = random.normal(0, 0.4, shape)
        else:
            value = random.normal(0, 0.6 / np.sqrt(shape[0]), shape)
        variable.assign((value * gain).astype(np.float32))
    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()  # it computes by copies of its weights


def reset_states(model):
    """Of stateful layers, which go on where the batch before ended."""
    for layer in model.layers:
        if getattr(layer, "stateful", False):
            layer.reset_states()


def draw_input(kind, shape, random):
    """One input [batch, …]; see Case.inputs."""
    if kind == "ids":
        x = random.integers(1, 9, shape).astype(np.int32)
        for n, length in enumerate(lengths(shape, random)):
            x[n, length:] = 0
        return x
    x = random.normal(0, 1, shape).astype(np.float32)
    if kind.startswith("padded"):
        value = -1.0 if kind == "padded-1" else 0.0
        for n, length in enumerate(lengths(shape, random)):
            x[n, length:] = value
        x[-1, 0] = value  # a gap at the start of one sample, and one value equal to the mask's in a real step
        x[0, 0, 0] = value
        if kind == "padded-all":
            x[1] = value
    return x


def lengths(shape, random):
    """A whole sample first, so that lengths differ; at least one real step each."""
    return [shape[1], *random.integers(2, shape[1] + 1, shape[0] - 1)]


def draw_targets(kind, output, random):
    if kind == "real":
        return random.normal(0, 1, output.shape).astype(np.float32)
    if kind == "binary":
        return random.integers(0, 2, output.shape).astype(np.float32)
    classes = random.integers(0, output.shape[-1], output.shape[:-1]).astype(np.int32)
    return classes if kind == "classes" else np.eye(output.shape[-1], dtype=np.float32)[classes]


def make(case: Case, folder: Path, extensions=("keras", "h5")):
    keras.backend.clear_session()
    random = np.random.default_rng(zlib.crc32(case.name.encode()))
    keras.utils.set_random_seed(7)
    model = case.build()
    randomise(model, random, case.gain)
    inputs = []
    for kind, tensor in zip(case.inputs, model.inputs, strict=True):
        shape = tuple(case.steps if n is None else n for n in tensor.shape[1:])
        inputs.append(draw_input(kind, (case.batch, *shape), random))
    outputs = put_out(model, inputs)
    if not all(np.isfinite(out).all() for out in outputs):
        raise ValueError(f"{case.name}: Keras' own outputs are not finite")
    arrays = {f"x{i}": x for i, x in enumerate(inputs)}
    entry = {"name": case.name, "required": case.required, "tolerance": case.tolerance}
    entry |= {"inputs": [packed(x) for x in inputs], "outputs": [packed(out) for out in outputs]}
    if case.loss is not None:
        arrays["y"] = draw_targets(case.targets, outputs[0], random)
        model.compile(loss=case.loss, optimizer="adam")
        model.optimizer.build(model.trainable_variables)  # so that the files hold optimizer state
    reset_states(model)
    for extension in extensions:
        model.save(folder / f"{case.name}.{extension}")
    if case.loss is not None:
        model.run_eagerly = True
        reset_states(model)
        entry["loss"] = float(model.evaluate(fed(model, inputs), arrays["y"], batch_size=case.batch, verbose=0))
    np.savez(folder / f"{case.name}.npz", **arrays)
    return entry


def main():
    folder = Path(sys.argv[1])
    wanted = sys.argv[2:]
    index = [make(case, folder) for case in cases() if not wanted or case.name in wanted]
    (folder / "cases.json").write_text(json.dumps(index))


if __name__ == "__main__":
    main()
