"""Makes TensorFlow Lite models with recurrent operators and what their interpreter puts out: `tfliteModels.py FOLDER [MODEL …]`.

Keras 3 writes loops, which the converter no longer fuses, so the operators are put together by the object API of TensorFlow's own
schema. Writes FOLDER/cases.json: [{name, path, inputs, outputs}] of models made here, and of the MODELs that are named.
"""

import json
import sys
from pathlib import Path

import flatbuffers
import numpy as np
import tensorflow as tf
from packed import packed
from tensorflow.lite.python import schema_py_generated as schema

SAMPLES, T, I, H, P = 3, 5, 3, 6, 4


class Builder:
    """One subgraph of a model: tensors by index, operators behind each other."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.model = schema.ModelT()
        self.model.version, self.model.description = 3, "made for a test"
        self.model.buffers, self.model.operatorCodes = [schema.BufferT()], []
        self.graph = schema.SubGraphT()
        self.graph.tensors, self.graph.operators = [], []
        self.model.subgraphs = [self.graph]

    def tensor(self, name, shape, values=None, dtype=schema.TensorType.FLOAT32, variable=False, scale=None):
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.isVariable = name, list(shape), dtype, variable
        if values is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8)
            tensor.buffer = len(self.model.buffers)
            self.model.buffers.append(buffer)
        if scale is not None:
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale, tensor.quantization.zeroPoint = [scale], [0]
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def weights(self, name, *shape, quantized=False):
        values = self.rng.normal(0, 0.5, shape).astype(np.float32)
        if not quantized:
            return self.tensor(name, shape, values)
        scale = float(np.abs(values).max() / 127)
        integers = np.round(values / scale).astype(np.int8)
        return self.tensor(name, shape, integers, schema.TensorType.INT8, scale=scale)

    def state(self, name, width):
        return self.tensor(name, (1, width), variable=True)

    def operator(self, code, inputs, output, options, kind, version=1):
        opcode = schema.OperatorCodeT()
        opcode.builtinCode, opcode.version = code, version
        opcode.deprecatedBuiltinCode = min(code, 127)
        operator = schema.OperatorT()
        operator.opcodeIndex = len(self.model.operatorCodes)
        operator.inputs, operator.outputs = inputs, [output] if isinstance(output, int) else output
        operator.builtinOptions, operator.builtinOptionsType = options, kind
        self.model.operatorCodes.append(opcode)
        self.graph.operators.append(operator)
        return output

    def content(self, given, put):
        self.graph.inputs, self.graph.outputs = [given], [put]
        builder = flatbuffers.Builder(1024)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def lstm_direction(b, width, peephole=False, coupled=False, projection=0, quantized=False):
    """The 17 inputs of one direction: kernels, recurrent kernels, peepholes, biases, projection."""
    out = projection or H
    gates = "ifco"
    own = [g for g in gates if not (coupled and g == "i")]
    matrix = lambda g, n: b.weights(f"W_{g}{n}", H, n, quantized=quantized) if g in own else -1
    kernels = [matrix(g, width) for g in gates]
    recurrent = [matrix(g, out) for g in gates]
    holes = [
        b.weights(f"p_{g}", H) if peephole and g in own else -1 for g in "ifo"
    ]
    biases = [b.weights(f"b_{g}", H) if g in own else -1 for g in gates]
    projected = [b.weights("projection", projection, H), b.weights("projection_bias", projection)] if projection else [-1, -1]
    return kernels + recurrent + holes + biases + projected


def lstm(b, x, width=I, time_major=False, clip=0.0, projection_clip=0.0, activation=4, name="lstm", **kind):
    out = kind.get("projection") or H
    options = schema.UnidirectionalSequenceLSTMOptionsT()
    options.fusedActivationFunction, options.cellClip, options.projClip = activation, clip, projection_clip
    options.timeMajor = time_major
    inputs = [x, *lstm_direction(b, width, **kind), b.state(f"{name}_h", out), b.state(f"{name}_c", H), -1, -1, -1, -1]
    shape = (T, 1, out) if time_major else (1, T, out)
    y = b.tensor(name, shape)
    return b.operator(44, inputs, y, options, schema.BuiltinOptions.UnidirectionalSequenceLSTMOptions)


def bidirectional_lstm(b, x, merge, name="both", time_major=False, backward=None, **kind):
    out = kind.get("projection") or H
    options = schema.BidirectionalSequenceLSTMOptionsT()
    options.fusedActivationFunction, options.mergeOutputs, options.timeMajor = 4, merge, time_major
    inputs = [x, *lstm_direction(b, I, **kind), *lstm_direction(b, I, **(backward or kind))]
    inputs += [b.state(f"{d}_{s}", out if s == "h" else H) for d in ("forward", "backward") for s in "hc"]
    inputs += [-1] * 9
    lengths = (T, 1) if time_major else (1, T)
    outputs = [b.tensor(name, (*lengths, 2 * out if merge else out))]
    if not merge:
        outputs.append(b.tensor(f"{name}_backward", (*lengths, out)))
    return b.operator(52, inputs, outputs, options, schema.BuiltinOptions.BidirectionalSequenceLSTMOptions)


def rnn_direction(b, quantized=False):
    matrices = [b.weights(name, H, width, quantized=quantized) for name, width in (("W", I), ("R", H))]
    return [*matrices, b.weights("b", H), b.state("h", H)]


def bidirectional_rnn(b, x, merge, activation=4, time_major=False, asymmetric=False, **kind):
    options = schema.BidirectionalSequenceRNNOptionsT()
    options.fusedActivationFunction, options.mergeOutputs, options.timeMajor = activation, merge, time_major
    options.asymmetricQuantizeInputs = asymmetric
    inputs = [x, *rnn_direction(b, **kind), *rnn_direction(b, **kind), -1, -1, -1]
    lengths = (T, 1) if time_major else (1, T)
    outputs = [b.tensor("both", (*lengths, 2 * H if merge else H))]
    if not merge:
        outputs.append(b.tensor("both_backward", (*lengths, H)))
    return b.operator(46, inputs, outputs, options, schema.BuiltinOptions.BidirectionalSequenceRNNOptions, version=3)


def rnn(b, x, activation=4, name="rnn", time_major=False, asymmetric=False, **kind):
    options = schema.SequenceRNNOptionsT()
    options.fusedActivationFunction, options.timeMajor = activation, time_major
    options.asymmetricQuantizeInputs = asymmetric
    inputs = [x, *rnn_direction(b, **kind)]
    y = b.tensor(name, (T, 1, H) if time_major else (1, T, H))
    return b.operator(35, inputs, y, options, schema.BuiltinOptions.SequenceRNNOptions)


def dense(b, x, width, out, activation=0, keeps=False, steps=None):
    options = schema.FullyConnectedOptionsT()
    options.fusedActivationFunction, options.keepNumDims = activation, keeps
    shape = (1, out) if steps is None else ((1, steps, out) if keeps else (steps, out))
    y = b.tensor("dense", shape)
    inputs = [x, b.weights("kernel", out, width), b.weights("bias", out)]
    return b.operator(9, inputs, y, options, schema.BuiltinOptions.FullyConnectedOptions)


def last_step(b, x, width):
    options = schema.StridedSliceOptionsT()
    options.beginMask, options.endMask, options.shrinkAxisMask = 0b101, 0b101, 0b010
    options.ellipsisMask = options.newAxisMask = 0
    ints = lambda name, values: b.tensor(name, (3,), np.int32(values), schema.TensorType.INT32)
    inputs = [x, ints("begin", [0, -1, 0]), ints("end", [0, 0, 0]), ints("strides", [1, 1, 1])]
    y = b.tensor("last", (1, width))
    return b.operator(45, inputs, y, options, schema.BuiltinOptions.StridedSliceOptions)


def reshape(b, x, *shape):
    target = b.tensor("shape", (len(shape),), np.int32(shape), schema.TensorType.INT32)
    return b.operator(22, [x, target], b.tensor("reshaped", shape), None, 0)


def transpose(b, x, *shape):
    order = b.tensor("order", (3,), np.int32([1, 0, 2]), schema.TensorType.INT32)
    options = schema.TransposeOptionsT()
    y = b.tensor("turned", shape)
    before, turned = b.graph.tensors[x], b.graph.tensors[y]
    turned.type, turned.quantization = before.type, before.quantization
    return b.operator(39, [x, order], y, options, schema.BuiltinOptions.TransposeOptions)


def softmax(b, x, width):
    options = schema.SoftmaxOptionsT()
    options.beta = 1.0
    return b.operator(25, [x], b.tensor("softmax", (1, width)), options, schema.BuiltinOptions.SoftmaxOptions)


def sequence(make):
    """A model of one sequence [1, T, I]."""

    def build(b):
        x = b.tensor("x", (1, T, I))
        return x, make(b, x)

    return build


def time_major(b):
    x = b.tensor("x", (1, T, I))
    y = lstm(b, transpose(b, x, T, 1, I), time_major=True)
    return x, last_step(b, transpose(b, y, 1, T, H), H)


def turned_round(make):
    """A layer that takes the steps first, and its last output."""

    def build(b):
        x = b.tensor("x", (1, T, I))
        y = make(b, transpose(b, x, T, 1, I))
        y = y if isinstance(y, int) else y[0]
        width = b.graph.tensors[y].shape[-1]
        return x, last_step(b, transpose(b, y, 1, T, width), width)

    return build


def cast(b, x, dtype, shape):
    options = schema.CastOptionsT()
    options.inDataType = options.outDataType = 0
    y = b.tensor("cast", shape, dtype=dtype)
    return b.operator(53, [x], y, options, schema.BuiltinOptions.CastOptions)


def cast_and_back(b):
    """What an LSTM puts out, ten times, without its fractions."""
    x = b.tensor("x", (1, T, I))
    options = schema.MulOptionsT()
    scaled = b.tensor("scaled", (1, T, H))
    ten = b.tensor("ten", (1,), np.float32([10]))
    b.operator(18, [lstm(b, x), ten], scaled, options, schema.BuiltinOptions.MulOptions)
    whole = cast(b, scaled, schema.TensorType.INT32, (1, T, H))
    return x, cast(b, whole, schema.TensorType.FLOAT32, (1, T, H))


def embedding(b):
    ids = b.tensor("ids", (1, T), dtype=schema.TensorType.INT32)
    options = schema.GatherOptionsT()
    table = b.weights("table", 11, I)
    y = b.tensor("embedded", (1, T, I))
    b.operator(36, [table, ids], y, options, schema.BuiltinOptions.GatherOptions)
    return ids, softmax(b, dense(b, last_step(b, lstm(b, y), H), H, 4), 4)


MODELS = {
    "plain": sequence(lambda b, x: lstm(b, x)),
    "peepholes": sequence(lambda b, x: lstm(b, x, peephole=True)),
    "coupled": sequence(lambda b, x: lstm(b, x, coupled=True)),
    "projection": sequence(lambda b, x: lstm(b, x, projection=P)),
    "clipped": sequence(lambda b, x: lstm(b, x, clip=0.3, projection=P, projection_clip=0.2)),
    "two_layers": sequence(
        lambda b, x: softmax(b, dense(b, last_step(b, lstm(b, lstm(b, x), width=H, name="second"), H), H, 4), 4)
    ),
    "steps": sequence(lambda b, x: reshape(b, dense(b, lstm(b, x), H, 2, activation=1, steps=T), 1, T, 2)),
    "steps_kept": sequence(lambda b, x: dense(b, lstm(b, x), H, 2, keeps=True, steps=T)),
    "flattened": sequence(lambda b, x: dense(b, reshape(b, lstm(b, x), 1, T * H), T * H, 3)),
    "time_major": time_major,
    "embedding": embedding,
    "rnn_tanh": sequence(lambda b, x: rnn(b, x)),
    "rnn_relu": sequence(lambda b, x: rnn(b, x, activation=1)),
    "rnn_time_major": turned_round(lambda b, x: rnn(b, x, time_major=True)),
    "rnn_quantized": sequence(lambda b, x: rnn(b, x, quantized=True)),
    "rnn_quantized_asymmetric": sequence(lambda b, x: rnn(b, x, quantized=True, asymmetric=True)),
    "both_rnn_merged": sequence(lambda b, x: bidirectional_rnn(b, x, True)),
    "both_rnn_apart": sequence(lambda b, x: bidirectional_rnn(b, x, False)[1]),
    "both_rnn_relu": sequence(lambda b, x: bidirectional_rnn(b, x, True, activation=1)),
    "both_rnn_time_major": turned_round(lambda b, x: bidirectional_rnn(b, x, True, time_major=True)),
    "both_rnn_quantized": sequence(lambda b, x: bidirectional_rnn(b, x, True, quantized=True)),
    "both_rnn_quantized_asymmetric": sequence(
        lambda b, x: bidirectional_rnn(b, x, False, quantized=True, asymmetric=True)[1]
    ),
    "bidirectional_merged": sequence(lambda b, x: bidirectional_lstm(b, x, True, backward={"peephole": True})),
    "bidirectional_apart": sequence(lambda b, x: bidirectional_lstm(b, x, False)[1]),
    "bidirectional_coupled": sequence(lambda b, x: bidirectional_lstm(b, x, True, coupled=True)),
    "bidirectional_projection": sequence(lambda b, x: bidirectional_lstm(b, x, True, projection=P)),
    "bidirectional_time_major": turned_round(lambda b, x: bidirectional_lstm(b, x, True, time_major=True)),
    "bidirectional_quantized": sequence(lambda b, x: bidirectional_lstm(b, x, True, quantized=True)),
    "quantized": sequence(lambda b, x: lstm(b, x, quantized=True)),
    "quantized_coupled": sequence(lambda b, x: lstm(b, x, quantized=True, coupled=True)),
    "cast": cast_and_back,
}


def quantized(values, detail):
    """Numbers as the integers of a tensor that has some."""
    scale, zero = detail["quantization"]
    if detail["dtype"] == np.float32 or scale == 0:
        return values.astype(detail["dtype"])
    limits = np.iinfo(detail["dtype"])
    return np.clip(np.round(values / np.float32(scale)) + zero, limits.min, limits.max).astype(detail["dtype"])


def dequantized(values, detail):
    scale, zero = detail["quantization"]
    return values if scale == 0 else (values.astype(np.float32) - zero) * np.float32(scale)


def outputs_of(content, samples):
    """One sample at a time, as the batch is 1; states begin with zeros. By TensorFlow Lite's own kernels, on one thread."""
    own = tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = tf.lite.Interpreter(model_content=content, num_threads=1, experimental_op_resolver_type=own)
    interpreter.allocate_tensors()
    [given], [put] = interpreter.get_input_details(), interpreter.get_output_details()
    results = []
    for sample in samples:
        interpreter.reset_all_variables()
        interpreter.set_tensor(given["index"], quantized(sample[None], given))
        interpreter.invoke()
        results.append(dequantized(interpreter.get_tensor(put["index"])[0], put))
    return np.stack(results)


def loss_of(kind, outputs, y):
    """Keras' loss of what came out."""
    losses = {
        "classes": tf.keras.losses.SparseCategoricalCrossentropy,
        "binary": tf.keras.losses.BinaryCrossentropy,
        "values": tf.keras.losses.MeanSquaredError,
    }
    return float(losses[kind]()(y, outputs))


def inputs_for(content, rng):
    [given] = tf.lite.Interpreter(model_content=content).get_input_details()
    shape = (SAMPLES, *given["shape"][1:])
    if given["dtype"] == np.float32:
        return rng.standard_normal(shape).astype(np.float32)
    return rng.integers(0, 11, shape).astype(np.int32)


def main():
    folder = Path(sys.argv[1])
    contents = {}
    for seed, (name, build) in enumerate(MODELS.items()):
        b = Builder(seed)
        given, put = build(b)
        contents[name] = b.content(given, put if isinstance(put, int) else put[0])
    for path in sys.argv[2:]:
        contents[Path(path).stem] = Path(path).read_bytes()
    rng = np.random.default_rng(7)
    cases = []
    for name, content in contents.items():
        path = folder / f"{name}.tflite"
        path.write_bytes(content)
        inputs = inputs_for(content, rng)
        outputs = outputs_of(content, inputs)
        cases.append({"name": name, "path": str(path), "inputs": [packed(inputs)], "outputs": [packed(outputs)]})
    (folder / "cases.json").write_text(json.dumps(cases))


if __name__ == "__main__":
    main()
