"""A Keras model as a graph model of TensorFlow.js, as its converter makes it.

Follows tensorflowjs/converters/tf_saved_model_conversion_v2.py: variables become constants, Grappler folds, and the constants' values go into
a file of their own.
"""

import json
import os

import numpy as np
import tensorflow as tf
from google.protobuf.json_format import MessageToDict
from tensorflow.core.protobuf import config_pb2, device_properties_pb2
from tensorflow.python.framework import convert_to_constants
from tensorflow.python.grappler import cluster, tf_optimizer
from tensorflow.python.training.saver import export_meta_graph

VALUES = ("tensor_content", "half_val", "float_val", "double_val", "int_val", "int64_val", "bool_val", "string_val")
FOLDING = ["pruning", "constfold", "arithmetic", "dependency"] * 2
FUSING = ["remap", "constfold", "arithmetic", "dependency"]


def _optimized(graph_def, graph, optimizers):
    device = device_properties_pb2.NamedDevice()
    device.name = "/GPU:0"
    device.properties.type = "GPU"
    device.properties.environment["architecture"] = "4"
    config = config_pb2.ConfigProto()
    config.graph_options.rewrite_options.optimizers[:] = optimizers
    meta = export_meta_graph(graph_def=graph_def, graph=graph)
    return tf_optimizer.OptimizeGraph(config, meta, cluster=cluster.Cluster(devices=[device]))


def convert(model, shape, folder, control_flow_v2):
    """Writes model.json and its values into a new FOLDER; loops become Switch and Merge unless `control_flow_v2`."""
    function = tf.function(lambda x: model(x)).get_concrete_function(tf.TensorSpec((None, *shape)))
    frozen = convert_to_constants.convert_variables_to_constants_v2(function, lower_control_flow=not control_flow_v2)
    for output in frozen.outputs:
        frozen.graph.add_to_collection("train_op", output.op)
    graph = _optimized(frozen.graph.as_graph_def(), frozen.graph, FOLDING)
    graph = _optimized(graph, frozen.graph, FUSING)
    nodes = list(graph.node) + [node for f in graph.library.function for node in f.node_def]
    weights, data = [], b""
    for node in nodes:
        if node.op != "Const":
            continue
        value = tf.make_ndarray(node.attr["value"].tensor)
        value = value.astype(np.int32) if value.dtype == np.int64 else value
        weights.append({"name": node.name, "shape": list(value.shape), "dtype": value.dtype.name})
        data += value.tobytes()
        for field in VALUES:
            node.attr["value"].tensor.ClearField(field)
    os.makedirs(folder)
    with open(f"{folder}/group1-shard1of1.bin", "wb") as file:
        file.write(data)
    manifest = [{"paths": ["group1-shard1of1.bin"], "weights": weights}]
    with open(f"{folder}/model.json", "w") as file:
        json.dump({"format": "graph-model", "modelTopology": MessageToDict(graph), "weightsManifest": manifest}, file)
