"""losses.py CASES.npz ARRAYS.npz: random outputs and targets with Keras' losses and metrics of them, and arrays in NumPy's types.

CASES.npz holds `N_outputs` (before the head), `N_targets` and, where steps are masked, `N_mask`. Prints a JSON list of
{ name, head, config: the loss as a file holds it, loss, metric } in that order, `metric` being the accuracy or the mean absolute
error.
ARRAYS.npz holds the same numbers 0…23 in the shape [2, 3, 4] in every type, byte order and memory order.
"""

import json
import sys

import keras
import numpy as np

random = np.random.default_rng(11)
shapes = {"rows": (7, 5), "one": (9, 1), "steps": (4, 6, 3)}
regression = [
    "mean_squared_error",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_logarithmic_error",
    "huber",
    "log_cosh",
]
# Of outputs that are positive, or probabilities.
positive = ["poisson", "kl_divergence"]
arrays, cases = {}, []


def add(name, head, from_logits, outputs, targets, mask=None, **arguments):
    # keras.activations (and not keras.ops) is what a layer applies.
    predicted = keras.activations.get(head)(keras.ops.convert_to_tensor(outputs))
    kind = "KLDivergence" if name == "kl_divergence" else "".join(word.title() for word in name.split("_"))
    cross_entropy = "crossentropy" in name
    options = {**({"from_logits": from_logits} if cross_entropy else {}), **arguments}
    loss = getattr(keras.losses, kind)(reduction=None, **options)
    losses = np.asarray(loss(targets, predicted))
    weights = np.ones(losses.shape) if mask is None else mask
    if "ignore_class" in arguments:
        weights = weights * (targets != arguments["ignore_class"])
    if cross_entropy and from_logits and head == "linear":
        apply = keras.ops.sigmoid if name.startswith("binary") else keras.ops.softmax
        predicted = apply(predicted)
    config = keras.losses.serialize(loss)
    # Keras 3 forgets Huber's, Keras 2 did not.
    config["config"].update(arguments)
    index = len(cases)
    cases.append({
        "name": name,
        "head": head,
        "config": config,
        "loss": float((losses.astype(np.float64) * weights).sum() / weights.sum()),
        "metric": metric(name, targets, predicted, weights),
    })
    arrays[f"{index}_outputs"] = outputs
    arrays[f"{index}_targets"] = targets
    if mask is not None:
        arrays[f"{index}_mask"] = mask


def metric(name, targets, predicted, weights):
    measures = {
        "binary_crossentropy": keras.metrics.binary_accuracy,
        "categorical_crossentropy": keras.metrics.categorical_accuracy,
        "sparse_categorical_crossentropy": keras.metrics.sparse_categorical_accuracy,
        "binary_focal_crossentropy": keras.metrics.binary_accuracy,
        "categorical_focal_crossentropy": keras.metrics.categorical_accuracy,
        "categorical_hinge": keras.metrics.categorical_accuracy,
    }
    values = np.asarray(measures.get(name, keras.metrics.mean_absolute_error)(targets, predicted)).astype(np.float64)
    # Some come by value, some by row.
    rows = values.reshape(*weights.shape, -1).mean(axis=-1)
    return float((rows * weights).sum() / weights.sum())


def floats(shape, scale=3.0):
    return random.normal(0, scale, shape).astype(np.float32)


def add_all():
    for name, shape in shapes.items():
        mask = (random.random(shape[:-1]) < 0.6).astype(np.float32) if name == "steps" else None
        bits = (random.random(shape) < 0.4).astype(np.float32)
        classes = random.integers(0, shape[-1], shape[:-1])
        rows = np.eye(shape[-1], dtype=np.float32)[classes]
        for masked in [None] if mask is None else [None, mask]:
            for loss in regression:
                for head in ["linear", "sigmoid"]:
                    add(loss, head, False, floats(shape), floats(shape), masked)
            for loss in positive:
                add(loss, "sigmoid", False, floats(shape), random.random(shape).astype(np.float32), masked)
            add("binary_crossentropy", "sigmoid", False, floats(shape), bits, masked)
            add("binary_crossentropy", "linear", True, floats(shape), bits, masked)
            add("binary_crossentropy", "linear", False, floats(shape, 0.5), bits, masked)
            signs = np.where(bits == 0, -1, 1).astype(np.float32)
            for loss in ["hinge", "squared_hinge"]:
                add(loss, "linear", False, floats(shape), signs, masked)
                add(loss, "linear", False, floats(shape), bits, masked)
            add("huber", "linear", False, floats(shape), floats(shape), masked, delta=2.5)
            add("binary_crossentropy", "sigmoid", False, floats(shape), bits, masked, label_smoothing=0.2)
            focal = "binary_focal_crossentropy"
            add(focal, "sigmoid", False, floats(shape), bits, masked)
            add(focal, "linear", True, floats(shape), bits, masked, gamma=1.5, alpha=0.4, apply_class_balancing=True)
            if shape[-1] == 1:
                continue
            add("cosine_similarity", "linear", False, floats(shape), floats(shape), masked)
            add("categorical_hinge", "linear", False, floats(shape), rows, masked)
            add("categorical_crossentropy", "softmax", False, floats(shape), rows, masked, label_smoothing=0.1)
            add("categorical_crossentropy", "linear", True, floats(shape), rows, masked, label_smoothing=0.1)
            add("sparse_categorical_crossentropy", "softmax", False, floats(shape), classes, masked, ignore_class=1)
            focal = "categorical_focal_crossentropy"
            add(focal, "softmax", False, floats(shape), rows, masked, gamma=3.0, alpha=0.6, label_smoothing=0.1)
            add(focal, "linear", True, floats(shape), rows, masked)
            for loss, targets in [("categorical_crossentropy", rows), ("sparse_categorical_crossentropy", classes)]:
                add(loss, "softmax", False, floats(shape), targets, masked)
                add(loss, "linear", True, floats(shape), targets, masked)
                add(loss, "linear", False, random.random(shape).astype(np.float32), targets, masked)


def typed():
    values = np.arange(24).reshape(2, 3, 4)
    types = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]
    found = {}
    for kind in types:
        for order in "<>":
            array = values.astype(order + kind)
            name = f"{'little' if order == '<' else 'big'}_{kind}"
            found[f"{name}_C"] = array
            found[f"{name}_F"] = np.asfortranarray(array)
    return found


def main():
    cases_path, arrays_path = sys.argv[1:]
    add_all()
    np.savez(cases_path, **arrays)
    np.savez_compressed(arrays_path, **typed())
    print(json.dumps(cases))


if __name__ == "__main__":
    main()
