import type { KerasDescription, KerasLayer, KerasTensor } from './description.ts';
import { isFrozen } from './frozen.ts';

/** The configuration of a functional model as Keras 3 writes it to `config.json`. */
export function keras3Config({ inputs, layers, outputs }: KerasDescription): object {
  return {
    // Where Keras 3 has the class, whatever version it is.
    module: 'keras.src.models.functional',
    class_name: 'Functional',
    config: {
      name: 'model',
      trainable: true,
      layers: layers.map((layer) => ({
        ...keras3Layer(layer),
        name: layer.name,
        inbound_nodes: layer.inputs.length === 0 ? [] : [callOf(layer)],
      })),
      input_layers: inputs.map(reference),
      output_layers: outputs.map(reference),
    },
    registered_name: 'Functional',
    compile_config: null,
  };
}

function keras3Layer(layer: KerasLayer): Record<string, unknown> {
  const { className, config, directions, inner, name, operation } = layer;
  if (operation)
    return { module: operation.module, class_name: className, config, registered_name: className };
  const both = directions && {
    layer: { ...keras3Layer(directions[0]), build_config: { input_shape: directions[0].inputs[0].shape } },
    backward_layer: {
      ...keras3Layer(directions[1]),
      build_config: { input_shape: directions[1].inputs[0].shape },
    },
  };
  return {
    module: 'keras.layers',
    class_name: className,
    config: { ...config, ...both, ...(inner && { layer: keras3Layer(inner) }), ...trainingOf(layer), name },
    registered_name: null,
  };
}

/** A layer of several inputs takes them as one list; a recurrent one takes its initial state by keyword. */
function callOf({ causal, cell, inputs, operation, parts }: KerasLayer): { args: unknown[]; kwargs: object } {
  const tensors = inputs.map(({ layer, output, shape, dtype }) => ({
    class_name: '__keras_tensor__',
    config: { shape, dtype, keras_history: [layer, 0, output] },
  }));
  const [first, ...rest] = tensors;
  if (operation) return { args: [...tensors, ...(operation.constants ?? [])], kwargs: {} };
  const kwargs = causal ? { use_causal_mask: true } : {};
  if (rest.length === 0 || parts) return { args: tensors, kwargs };
  return cell ? { args: [first], kwargs: { initial_state: rest } } : { args: [tensors], kwargs };
}

/** The configuration of a functional model as Keras 2 writes it, which TensorFlow.js reads. */
export function keras2Config({ inputs, layers, outputs }: KerasDescription): object {
  return {
    class_name: 'Model',
    config: {
      name: 'model',
      layers: layers.map((layer) => ({
        ...keras2Layer(layer),
        name: layer.name,
        inbound_nodes:
          layer.inputs.length === 0
            ? []
            : [layer.inputs.map((tensor) => [tensor.layer, 0, tensor.output, {}])],
      })),
      input_layers: inputs.map(reference),
      output_layers: outputs.map(reference),
    },
  };
}

/** The layer in a Bidirectional is called like it; Keras calls both directions after that. */
function keras2Layer(layer: KerasLayer): Record<string, unknown> {
  const { className, name, config, directions, inner } = layer;
  const [forward] = directions ?? [];
  const both = forward && { layer: keras2Layer({ ...forward, config: { ...forward.config, name } }) };
  return {
    class_name: className,
    config: { ...config, ...both, ...(inner && { layer: keras2Layer(inner) }), ...trainingOf(layer) },
  };
}

/** Of wrappers, too, whose own word decides for what they wrap. */
function trainingOf(layer: KerasLayer): { readonly trainable?: false } {
  return isFrozen(layer) ? { trainable: false } : {};
}

function reference({ layer, output }: KerasTensor): [string, number, number] {
  return [layer, 0, output];
}
