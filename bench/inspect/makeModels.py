"""Eight LSTMs of equal size in every format, by the libraries that own them: `python makeModels.py FOLDER LAYERS UNITS`.

TensorFlow.js' converter is no part of the environment; its files are written as its format says.
"""

import json
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import flatbuffers
import h5py
import keras
import numpy as np
import onnx
import safetensors
import torch
from safetensors.torch import save_file
from tensorflow import __version__ as tensorflow_version
from tensorflow.lite.python import schema_py_generated as schema

sys.path.append(str(Path(__file__).parents[2] / "test/interop/python"))
from graphModels import convert

folder, layers, units = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rng = np.random.default_rng(1)


def matrix(share):
    values = rng.uniform(-1, 1, (units, 4 * units)).astype(np.float32)
    values[rng.random(values.shape) < share] = 0
    return values


# [kernel, recurrent kernel, bias] as in Keras, each with a share of zeros of its own.
weights = [
    [matrix(layer / layers), matrix(layer / layers / 2), np.ones(4 * units, np.float32)] for layer in range(layers)
]


def in_keras():
    stack = [keras.layers.LSTM(units, return_sequences=True, kernel_initializer="zeros", recurrent_initializer="zeros")]
    while len(stack) < layers:
        stack.append(keras.layers.LSTM.from_config({**stack[0].get_config(), "name": f"lstm_{len(stack)}"}))
    model = keras.Sequential([keras.Input((None, units)), *stack])
    for layer, own in zip(model.layers, weights):
        layer.set_weights(own)
    model.save(f"{folder}/model.h5")
    model.save(f"{folder}/model.keras")
    model.save_weights(f"{folder}/model.weights.h5")
    return model


def in_torch():
    state = {}
    for layer, (kernel, recurrent, bias) in enumerate(weights):
        state[f"lstm.weight_ih_l{layer}"] = torch.from_numpy(kernel.T.copy())
        state[f"lstm.weight_hh_l{layer}"] = torch.from_numpy(recurrent.T.copy())
        state[f"lstm.bias_ih_l{layer}"] = torch.from_numpy(bias.copy())
        state[f"lstm.bias_hh_l{layer}"] = torch.from_numpy(bias.copy())
    torch.save(state, f"{folder}/model.pt")
    torch.save(state, f"{folder}/legacy.pt", _use_new_zipfile_serialization=False)
    save_file(state, f"{folder}/model.safetensors")
    names = list(state)
    shards = {"a.safetensors": names[: len(names) // 2], "b.safetensors": names[len(names) // 2 :]}
    os.mkdir(f"{folder}/shards")
    for shard, own in shards.items():
        save_file({name: state[name] for name in own}, f"{folder}/shards/{shard}")
    with open(f"{folder}/shards/model.safetensors.index.json", "w") as file:
        json.dump({"weight_map": {name: shard for shard, own in shards.items() for name in own}}, file)
    lstm = torch.nn.LSTM(units, units, layers)
    lstm.load_state_dict({name.removeprefix("lstm."): values for name, values in state.items()})
    torch.jit.script(lstm).save(f"{folder}/script.pt")


def in_onnx():
    # Gates i, f, c, o there are i, o, f, c here.
    turned = lambda values: values.reshape(-1, 4, units)[:, [0, 3, 1, 2]].reshape(-1, 4 * units).T[None].copy()
    nodes, initializers = [], [onnx.numpy_helper.from_array(np.array([1]), "axes")]
    for layer, (kernel, recurrent, bias) in enumerate(weights):
        both = np.concatenate([turned(bias[None])[..., 0], np.zeros((1, 4 * units), np.float32)], 1)
        for name, values in ("W", turned(kernel)), ("R", turned(recurrent)), ("B", both):
            initializers.append(onnx.numpy_helper.from_array(values, f"{name}{layer}"))
        given = [f"X{layer}", *(f"{name}{layer}" for name in "WRB")]
        nodes.append(onnx.helper.make_node("LSTM", given, [f"Y{layer}"], f"lstm{layer}", hidden_size=units))
        nodes.append(onnx.helper.make_node("Squeeze", [f"Y{layer}", "axes"], [f"X{layer + 1}"]))
    ends = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["time", "batch", units])
        for name in ("X0", f"X{layers}")
    ]
    graph = onnx.helper.make_graph(nodes, "stack", ends[:1], ends[1:], initializers)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, f"{folder}/model.onnx")
    os.mkdir(f"{folder}/external")
    onnx.save(model, f"{folder}/external/model.onnx", save_as_external_data=True, location="model.onnx.data")


def in_tfjs(model):
    os.mkdir(f"{folder}/tfjs")
    shard = 4 * 2**20
    names = ["kernel", "recurrent_kernel", "bias"]
    data = b"".join(values.tobytes() for own in weights for values in own)
    paths = []
    for at in range(0, len(data), shard):
        paths.append(f"group1-shard{len(paths) + 1}of{-(-len(data) // shard)}.bin")
        with open(f"{folder}/tfjs/{paths[-1]}", "wb") as file:
            file.write(data[at : at + shard])
    manifest = [
        {"name": f"{layer.name}/{name}", "shape": list(values.shape), "dtype": "float32"}
        for layer, own in zip(model.layers, weights)
        for name, values in zip(names, own)
    ]
    config = [
        {
            "class_name": "LSTM",
            "config": {
                **{"name": layer.name, "units": units, "activation": "tanh", "recurrent_activation": "sigmoid"},
                **{"use_bias": True, "return_sequences": True, "batch_input_shape": [None, None, units]},
            },
        }
        for layer in model.layers
    ]
    topology = {"class_name": "Sequential", "config": {"name": "stack", "layers": config}}
    with open(f"{folder}/tfjs/model.json", "w") as file:
        json.dump(
            {
                "format": "layers-model",
                "modelTopology": {"keras_version": "2.15.0", "backend": "tensorflow", "model_config": topology},
                "weightsManifest": [{"paths": paths, "weights": manifest}],
            },
            file,
        )


def in_tflite():
    model = schema.ModelT()
    model.version, model.buffers = 3, [schema.BufferT()]
    graph = schema.SubGraphT()
    model.subgraphs, graph.tensors, graph.operators = [graph], [], []
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.UNIDIRECTIONAL_SEQUENCE_LSTM
    model.operatorCodes = [code]

    def tensor(name, shape, values=None, variable=False):
        own = schema.TensorT()
        own.name, own.shape, own.isVariable = name, list(shape), variable
        if values is not None:
            buffer = schema.BufferT()
            buffer.data = np.ascontiguousarray(values).view(np.uint8).ravel()
            own.buffer = len(model.buffers)
            model.buffers.append(buffer)
        graph.tensors.append(own)
        return len(graph.tensors) - 1

    sequence = tensor("x", (1, 4, units))
    graph.inputs = [sequence]
    for layer, (kernel, recurrent, bias) in enumerate(weights):
        names = [f"{role}{gate}{layer}" for role in ("kernel", "recurrent", "bias") for gate in "ifco"]
        values = [part.T for own in (kernel, recurrent) for part in np.split(own, 4, 1)] + np.split(bias, 4)
        gates = [tensor(name, part.shape, part) for name, part in zip(names, values)]
        states = [tensor(f"{state}{layer}", (1, units), variable=True) for state in "hc"]
        operator = schema.OperatorT()
        operator.builtinOptionsType = schema.BuiltinOptions.UnidirectionalSequenceLSTMOptions
        operator.builtinOptions = schema.UnidirectionalSequenceLSTMOptionsT()
        operator.builtinOptions.fusedActivationFunction = schema.ActivationFunctionType.TANH
        operator.inputs = [sequence, *gates[:8], -1, -1, -1, *gates[8:], -1, -1, *states, -1, -1, -1, -1]
        sequence = tensor(f"y{layer}", (1, 4, units))
        operator.outputs = [sequence]
        graph.operators.append(operator)
    graph.outputs = [sequence]
    builder = flatbuffers.Builder(2**20)
    builder.Finish(model.Pack(builder), b"TFL3")
    with open(f"{folder}/model.tflite", "wb") as file:
        file.write(builder.Output())


def in_graph_model(model):
    convert(model, (4, units), f"{folder}/graph", control_flow_v2=True)


def in_saved_model(model):
    model.export(f"{folder}/saved_model", verbose=False)


in_torch()
in_onnx()
in_tflite()
model = in_keras()
in_tfjs(model)
in_graph_model(model)
in_saved_model(model)
versions = {library.__name__: library.__version__ for library in (h5py, keras, np, onnx, safetensors, torch)}
print(json.dumps({**versions, "tensorflow": tensorflow_version, "python": sys.version.split()[0]}))
