"""Every kind of recurrent operator that TensorFlow Lite's schema can say, and what its interpreter does with each: `tfliteKinds.py FOLDER`.

No converter makes most of them: they are put together as in tfliteModels.py. A kind is an operator, what its numbers are, and the parts that it has. Writes
FOLDER/kinds.json: [{name, operator, numbers, parts, path, inputs, outputs?}]; without outputs where the interpreter refuses the model.
"""

import itertools
import json
import sys
from pathlib import Path

import numpy as np
from packed import packed
from tensorflow.lite.python import schema_py_generated as schema
from tfliteModels import Builder, outputs_of, transpose

I, H, P = 5, 13, 8
# Enough steps for a rounding to show. Beside floats a last digit may round an 8-bit number the other way: the fewer, the less likely.
STEPS = {"float": 5, "hybrid": 5, "int8": 16}
INT8, INT16, INT32, UINT8 = (getattr(schema.TensorType, name) for name in ("INT8", "INT16", "INT32", "UINT8"))
INPUT, CELL = (0.02, 3), 2.0**-11
# Of what the units put out, which is beyond its range at times, and of what enters the next step: the same but behind a projection.
HIDDEN, PROJECTED = (0.0068, -20), (0.02, 5)


class Kind(Builder):
    """A builder of layers whose weights are of one type: `float`, `hybrid` (8-bit weights alone) or `int8`."""

    def __init__(self, seed, numbers):
        super().__init__(seed)
        self.numbers = numbers
        self.steps = STEPS[numbers]

    def quantized(self, name, values, scale, dtype):
        limits = np.iinfo(dtype)
        whole = np.clip(np.round(values / scale), limits.min, limits.max).astype(dtype)
        types = {np.int8: INT8, np.int16: INT16, np.int32: INT32}
        return self.tensor(name, values.shape, whole, types[dtype], scale=scale)

    def matrix(self, name, *shape):
        values = self.rng.normal(0, 0.5, shape).astype(np.float32)
        if self.numbers == "float":
            return self.tensor(name, shape, values)
        return self.quantized(name, values, float(np.abs(values).max() / 127), np.int8)

    def peephole(self, name):
        values = self.rng.normal(0, 0.5, H).astype(np.float32)
        if self.numbers == "float":
            return self.tensor(name, (H,), values)
        dtype = np.int16 if self.numbers == "int8" else np.int8
        return self.quantized(name, values, float(np.abs(values).max() / np.iinfo(dtype).max), dtype)

    def bias(self, name, width, scale):
        """Of integers: in the scale of the products that it is added to."""
        values = self.rng.normal(0, 0.5, width).astype(np.float32)
        if self.numbers != "int8":
            return self.tensor(name, (width,), values)
        return self.quantized(name, values, scale, np.int32)

    def norm(self, name):
        values = self.rng.normal(1, 0.3, H).astype(np.float32)
        if self.numbers != "int8":
            return self.tensor(name, (H,), values)
        return self.quantized(name, values, float(np.abs(values).max() / 32767), np.int16)

    def scale(self, tensor):
        return self.graph.tensors[tensor].quantization.scale[0] if self.numbers == "int8" else 1.0

    def value(self, name, shape, grid, dtype=INT8, variable=False):
        """A computed tensor."""
        if self.numbers != "int8":
            return self.tensor(name, shape, variable=variable)
        index = self.tensor(name, shape, dtype=dtype, variable=variable, scale=grid[0])
        self.graph.tensors[index].quantization.zeroPoint = [grid[1]]
        return index


def lstm_direction(b, parts):
    """The 17 inputs of one direction, and its four layer normalizations."""
    out, output = (P, PROJECTED) if "projection" in parts else (H, HIDDEN)
    own = [g for g in "ifco" if not ("coupled" in parts and g == "i")]
    each = lambda make, gates="ifco": [make(g) if g in own else -1 for g in gates]
    kernels = each(lambda g: b.matrix(f"W_{g}", H, I))
    diagonal = lambda g: b.tensor(f"R_{g}", (H,), b.rng.normal(0, 0.5, H).astype(np.float32))
    recurrent = each(diagonal if "diagonal" in parts else lambda g: b.matrix(f"R_{g}", H, out))
    holes = each(lambda g: b.peephole(f"p_{g}"), "ifo") if "peepholes" in parts else [-1] * 3
    norms = each(lambda g: b.norm(f"n_{g}")) if "normalization" in parts else [-1] * 4
    scales = {g: b.scale(norm) / 1024 if norm >= 0 else b.scale(k) * INPUT[0] for g, k, norm in zip("ifco", kernels, norms) if k >= 0}
    biases = each(lambda g: b.bias(f"b_{g}", H, scales[g]))
    projected = [-1, -1]
    if "projection" in parts:
        matrix = b.matrix("projection", P, H)
        projected = [matrix, b.bias("projection_bias", P, b.scale(matrix) * HIDDEN[0])]
    return kernels + recurrent + holes + biases + projected, norms, out, output


def states(b, name, out, output):
    return [
        b.value(f"{name}_h", (1, out), output, variable=True),
        b.value(f"{name}_c", (1, H), (CELL, 0), INT16, variable=True),
    ]


def intermediates(b):
    """Of the four gates before a normalization, which nothing else is computed by, and of what the units put out."""
    if b.numbers != "int8":
        return None
    sums = zip("ifco", (2.0**-12, 1e-4, 3e-4, 7e-4))
    return [b.value(f"sum_{g}", (1, H), (scale, 0), INT16) for g, scale in sums] + [b.value("hidden", (1, H), HIDDEN)]


def steps_first(parts, b, x, width, make):
    """Of a layer that takes and puts out the steps before the samples, where the parts say so. `make(x, shape)`, `shape` that of its output."""
    if "steps_first" not in parts:
        return make(x, (1, b.steps, width))
    return transpose(b, make(transpose(b, x, b.steps, 1, I), (b.steps, 1, width)), 1, b.steps, width)


def lstm(b, x, parts):
    options = schema.UnidirectionalSequenceLSTMOptionsT()
    options.fusedActivationFunction = 4
    options.cellClip, options.projClip = (0.4, 0.3) if "clipped" in parts else (0.0, 0.0)
    options.asymmetricQuantizeInputs = "asymmetric" in parts
    options.diagonalRecurrentTensors = "diagonal" in parts
    options.timeMajor = "steps_first" in parts
    inputs, norms, out, output = lstm_direction(b, parts)

    def make(x, shape):
        y = b.value("lstm", shape, output)
        all_inputs = [x, *inputs, *states(b, "lstm", out, output), *norms]
        b.operator(44, all_inputs, y, options, schema.BuiltinOptions.UnidirectionalSequenceLSTMOptions)
        b.graph.operators[-1].intermediates = intermediates(b)
        return y

    return steps_first(parts, b, x, out, make)


def second_sequence(b, x, parts, names):
    """An auxiliary input, `auxiliary` or `wide` with a kernel for each name that is not empty, `second` with none."""
    if not parts & {"auxiliary", "wide", "second"}:
        return [-1] * (len(names) + 1)
    width = 2 * I if "wide" in parts else I
    other = b.value("other", (1, b.steps, width), INPUT)
    if "wide" in parts:
        options = schema.ConcatenationOptionsT()
        options.axis = 2
        b.operator(2, [x, x], other, options, schema.BuiltinOptions.ConcatenationOptions)
    else:
        b.operator(18, [x, x], other, schema.MulOptionsT(), schema.BuiltinOptions.MulOptions)
    if "steps_first" in parts:
        other = transpose(b, other, b.steps, 1, width)
    return [other, *(b.matrix(f"A_{name}", H, width) if name and "second" not in parts else -1 for name in names)]


def both_lstm(b, x, parts):
    options = schema.BidirectionalSequenceLSTMOptionsT()
    options.fusedActivationFunction, options.mergeOutputs, options.timeMajor = 4, True, "steps_first" in parts
    options.cellClip, options.projClip = (0.4, 0.3) if "clipped" in parts else (0.0, 0.0)
    options.asymmetricQuantizeInputs = "asymmetric" in parts
    forward, _, out, output = lstm_direction(b, parts)
    backward, *_ = lstm_direction(b, parts)
    further = [state for way in ("forward", "backward") for state in states(b, way, out, output)]
    own = ["" if "coupled" in parts and g == "i" else g for g in "ifco"]
    auxiliary = second_sequence(b, x, parts, [f"{way}_{g}" if g else "" for way in ("forward", "backward") for g in own])

    def make(x, shape):
        y = b.value("both", shape, output)
        inputs = [x, *forward, *backward, *further, *auxiliary]
        b.operator(52, inputs, y, options, schema.BuiltinOptions.BidirectionalSequenceLSTMOptions)
        b.graph.operators[-1].intermediates = intermediates(b)
        return y

    return steps_first(parts, b, x, 2 * out, make)


def rnn_direction(b, name):
    kernel, recurrent = b.matrix("W", H, I), b.matrix("R", H, H)
    return [kernel, recurrent, b.bias("b", H, b.scale(kernel) * INPUT[0]), b.value(name, (1, H), HIDDEN, variable=True)]


def rnn(b, x, parts):
    options = schema.SequenceRNNOptionsT()
    options.fusedActivationFunction, options.asymmetricQuantizeInputs = 4, "asymmetric" in parts
    options.timeMajor = "steps_first" in parts

    def make(x, shape):
        y = b.value("rnn", shape, HIDDEN)
        return b.operator(35, [x, *rnn_direction(b, "h")], y, options, schema.BuiltinOptions.SequenceRNNOptions)

    return steps_first(parts, b, x, H, make)


def both_rnn(b, x, parts):
    options = schema.BidirectionalSequenceRNNOptionsT()
    options.fusedActivationFunction, options.asymmetricQuantizeInputs = 4, "asymmetric" in parts
    options.mergeOutputs, options.timeMajor = True, "steps_first" in parts
    second = second_sequence(b, x, parts, ["forward", "backward"])

    def make(x, shape):
        y = b.value("both", shape, HIDDEN)
        inputs = [x, *rnn_direction(b, "forward"), *rnn_direction(b, "backward"), *second]
        return b.operator(46, inputs, y, options, schema.BuiltinOptions.BidirectionalSequenceRNNOptions, version=3)

    return steps_first(parts, b, x, 2 * H, make)


def subsets(parts):
    return [set(some) for n in range(len(parts) + 1) for some in itertools.combinations(parts, n)]


LSTM_PARTS = ("coupled", "peepholes", "projection", "normalization")
KINDS = [
    (lstm, "float", [{"normalization"}, set(LSTM_PARTS), {"diagonal"}, {"diagonal", "coupled", "peepholes", "normalization"}]),
    (lstm, "hybrid", [*subsets(LSTM_PARTS), {"asymmetric", *LSTM_PARTS}, {"clipped", "peepholes", "projection"}, {"diagonal"}, {"asymmetric", "diagonal", "normalization"}]),
    (lstm, "int8", [{"diagonal"}, *subsets(LSTM_PARTS), {"clipped", "projection"}, {"clipped", "peepholes"}]),
    (both_lstm, "float", [{"auxiliary"}, {"auxiliary", *LSTM_PARTS[:3]}, {"wide"}, {"second"}]),
    (both_lstm, "hybrid", [*subsets(LSTM_PARTS[:3]), {"asymmetric", *LSTM_PARTS[:3]}, {"auxiliary"}, {"second"}]),
    (both_lstm, "int8", [set(), set(LSTM_PARTS[:3])]),
    (rnn, "int8", [set()]),
    (both_rnn, "float", [{"auxiliary"}, {"wide"}, {"second"}, *({"steps_first", part} for part in ("auxiliary", "wide", "second"))]),
    (both_rnn, "hybrid", [{"auxiliary"}, {"second"}, {"steps_first"}]),
    (both_rnn, "int8", [set()]),
]


# The interpreter has loops of their own for them.
STEPS_FIRST = [
    *((lstm, numbers, set()) for numbers in STEPS),
    (lstm, "hybrid", {"asymmetric", *LSTM_PARTS}),
    (both_lstm, "float", set()),
    (both_lstm, "hybrid", set()),
    (rnn, "float", set()),
    (rnn, "hybrid", set()),
    (rnn, "hybrid", {"asymmetric"}),
]


def tensors(b, *begins):
    return [tensor for tensor in b.graph.tensors if tensor.name.startswith(begins)]


def unsigned(b):
    """As TensorFlow Lite's first quantiser called signed weights."""
    for tensor in tensors(b, "W", "R", "p_"):
        tensor.type = UINT8


def by_rows(b):
    for tensor in tensors(b, "W", "R"):
        tensor.quantization.scale = [float(s) for s in np.linspace(0.002, 0.01, H)]
        tensor.quantization.zeroPoint = [0] * H


def shifted(b):
    for tensor in tensors(b, "W", "R"):
        tensor.quantization.zeroPoint = [4]


def other_biases(b):
    for tensor in tensors(b, "b_"):
        tensor.quantization.scale = [0.01]


def no_projection_bias(b):
    inputs, [bias] = b.graph.operators[0].inputs, tensors(b, "projection_bias")
    inputs[inputs.index(b.graph.tensors.index(bias))] = -1


def some_peepholes(b):
    b.graph.operators[0].inputs[9] = -1


def some_normalizations(b):
    b.graph.operators[0].inputs[20] = -1


def some_diagonals(b):
    b.graph.operators[0].inputs[8] = b.tensor("R_o", (H,), b.rng.normal(0, 0.5, H).astype(np.float32))


def some_auxiliary(b):
    b.graph.operators[-1].inputs[41] = -1


def constant_sums(b):
    """Nothing to be normalised: all is 0."""
    for tensor in tensors(b, "W", "R"):
        buffer = b.model.buffers[tensor.buffer]
        buffer.data = np.zeros_like(buffer.data)


def tiny_sums(b):
    """Of about the variance that is added before the root is taken."""
    for tensor in tensors(b, "W", "R"):
        buffer = b.model.buffers[tensor.buffer]
        if tensor.type == INT8:
            tensor.quantization.scale = [1e-4 * tensor.quantization.scale[0]]
        else:
            buffer.data = np.frombuffer((np.frombuffer(buffer.data.tobytes(), np.float32) * np.float32(1e-4)).tobytes(), np.uint8)


def coarse_sums(b):
    """What is normalised is a few whole numbers, of a variance below 1, and factors are of a scale that says what stands for it."""
    for tensor in tensors(b, "sum_"):
        tensor.quantization.scale = [6.0]
    for tensor in tensors(b, "n_"):
        tensor.quantization.scale = [4e-4]


def eight_bit_peepholes(b):
    for tensor in tensors(b, "p_"):
        tensor.type, tensor.shape = INT8, [H]
        buffer = b.model.buffers[tensor.buffer]
        buffer.data = buffer.data[:H]


def no_intermediates(b):
    b.graph.operators[0].intermediates = None


def coarse_cell(b):
    [tensor] = tensors(b, "lstm_c")
    tensor.quantization.scale = [2.0**-8]


ODD = [
    (unsigned, lstm, "hybrid", {"peepholes"}),
    (unsigned, both_lstm, "hybrid", set()),
    (unsigned, rnn, "hybrid", set()),
    (unsigned, both_rnn, "hybrid", set()),
    (by_rows, lstm, "hybrid", set()),
    (by_rows, lstm, "int8", set()),
    (by_rows, rnn, "hybrid", set()),
    (shifted, lstm, "hybrid", set()),
    (shifted, lstm, "int8", set()),
    (other_biases, lstm, "int8", set()),
    (no_projection_bias, lstm, "int8", {"projection"}),
    (no_projection_bias, lstm, "hybrid", {"projection"}),
    (some_peepholes, lstm, "float", {"peepholes"}),
    (some_peepholes, lstm, "int8", {"peepholes"}),
    (some_normalizations, lstm, "float", {"normalization"}),
    (some_normalizations, lstm, "int8", {"normalization"}),
    (some_diagonals, lstm, "float", set()),
    (some_auxiliary, both_lstm, "float", {"auxiliary"}),
    (constant_sums, lstm, "float", {"normalization"}),
    (constant_sums, lstm, "hybrid", {"normalization"}),
    (constant_sums, lstm, "int8", {"normalization"}),
    (coarse_sums, lstm, "int8", {"normalization"}),
    (tiny_sums, lstm, "float", {"normalization"}),
    (tiny_sums, lstm, "hybrid", {"normalization"}),
    (eight_bit_peepholes, lstm, "int8", {"peepholes"}),
    (no_intermediates, lstm, "int8", set()),
    (coarse_cell, lstm, "int8", set()),
]


def plain(make, numbers, parts):
    return "_".join([make.__name__, numbers, *sorted(parts)]), make, numbers, parts, lambda _: None


def models():
    for make, numbers, some in KINDS:
        for parts in some:
            yield plain(make, numbers, parts)
    for change, make, numbers, parts in ODD:
        yield f"{change.__name__}_{make.__name__}_{numbers}", make, numbers, parts, change
    for make, numbers, parts in STEPS_FIRST:
        yield plain(make, numbers, {"steps_first", *parts})


def main():
    folder, rng, cases = Path(sys.argv[1]), np.random.default_rng(11), []
    for seed, (name, make, numbers, parts, change) in enumerate(models()):
        b = Kind(seed, numbers)
        x = b.value("x", (1, b.steps, I), INPUT)
        y = make(b, x, parts)
        change(b)
        content = b.content(x, y)
        path = folder / f"{name}.tflite"
        path.write_bytes(content)
        inputs = rng.standard_normal((3, b.steps, I)).astype(np.float32)
        case = {"name": name, "operator": make.__name__, "numbers": numbers, "parts": sorted(parts)}
        case |= {"path": str(path), "inputs": [packed(inputs)]}
        try:
            case["outputs"] = [packed(outputs_of(content, inputs))]
        except RuntimeError:
            pass
        cases.append(case)
    (folder / "kinds.json").write_text(json.dumps(cases))


if __name__ == "__main__":
    main()
