import { UserError } from '../../protocol/userError.ts';
import { jsonFault } from '../jsonFault.ts';
import { largestJson } from '../largestJson.ts';
import { type Call, callOf } from './calls.ts';
import { array, missing, object } from './missing.ts';
import { isOperation } from './operation.ts';
import { isOwnLayer } from './ownClass.ts';
import { counting, inputReferences, references, type TensorReference } from './references.ts';

export type Settings = Readonly<Record<string, unknown>>;

export interface LayerConfig {
  readonly className: string;
  readonly name: string;
  readonly config: Settings;
  readonly calls: readonly Call[];
  /** A Keras operation such as NotEqual, that has no weights and no group in the weights file. */
  readonly operation: boolean;
  /** Of a class of its author's own, whose code is in no file. */
  readonly own?: boolean;
}

/** A Sequential or functional model, or a model nested in another, in one form. */
export interface Network {
  readonly layers: readonly LayerConfig[];
  readonly inputs: readonly TensorReference[];
  readonly outputs: readonly TensorReference[];
  /** Of a Sequential, whose layers each take the one tensor that the one before puts out. */
  readonly chained: boolean;
  /** What the file counts the calls of a nested model from, where not from 0. */
  readonly firstCalls?: ReadonlyMap<string, number>;
}

export const networkClasses = new Set(['Sequential', 'Functional', 'Model']);

/** Which Keras wrote the file; what differs is decided by the major number. */
export interface KerasVersion {
  readonly text: string;
  readonly major: 1 | 2 | 3;
  /** It is for TensorFlow.js, which takes it as that Keras would. */
  readonly tensorflowJs?: true;
}

export function kerasVersion(text: string | undefined, model: LayerConfig): KerasVersion {
  if (text) {
    const major = Number.parseInt(text, 10);
    return { text, major: major <= 1 ? 1 : major === 2 ? 2 : 3 };
  }
  // Before 1.2.3 files carry no version; Keras 1 calls the width of a layer output_dim, Keras 2 units.
  const old = networkOf(model).layers.some(
    (layer) => 'output_dim' in layer.config && layer.className !== 'Embedding',
  );
  return old ? { text: '1', major: 1 } : { text: '2', major: 2 };
}

/** Reads the JSON of `model_config` or `config.json`, nested models included. Throws `UserError` tooLarge, notAModel, naming `file`. */
export function parseModelConfig(json: string, file: string): LayerConfig {
  if (json.length > largestJson)
    throw new UserError('tooLarge', { file, what: 'model_config', needed: json.length, limit: largestJson });
  const fault = jsonFault(json);
  if (fault) throw new UserError('notAModel', { file }, fault);
  try {
    const model = layerOf(JSON.parse(json));
    // Whatever the model's own class is, it must list its layers.
    for (const layer of networkOf(model).layers) checkLayers(layer);
    return model;
  } catch (error) {
    const detail = error instanceof UserError ? error.info : (error as Error).message;
    throw new UserError('notAModel', { file }, { code: 'reasonBadConfig', args: { detail } });
  }
}

/** Reads every layer once, so that what is malformed is found here and not wherever it is first used. */
function checkLayers(layer: LayerConfig): void {
  if (networkClasses.has(layer.className)) for (const member of networkOf(layer).layers) checkLayers(member);
  for (const key of ['layer', 'backward_layer']) {
    const inner = innerLayer(layer.config, key);
    if (inner) checkLayers(inner);
  }
  const cell = layer.className === 'RNN' ? innerLayer(layer.config, 'cell') : undefined;
  if (cell) innerLayers(cell.config, 'cells');
}

/** The layers of a Sequential or functional model and how they are connected. */
export function networkOf(model: LayerConfig): Network {
  return model.className === 'Sequential' ? sequential(model) : functional(model);
}

function sequential(model: LayerConfig): Network {
  // Keras 1 and 2.1 store a bare list of layers.
  const list = Array.isArray(model.config) ? model.config : model.config.layers;
  const layers = array(list, 'layers').map(layerOf);
  if (layers.length > 0 && layers[0].className !== 'InputLayer')
    layers.unshift(implicitInput(layers[0], model));
  const chained = layers.map((layer, i) => ({
    ...layer,
    calls: [
      {
        inputs: i === 0 ? [] : [{ layer: layers[i - 1].name, call: 0, output: 0 }],
        keywords: [],
        constants: [],
      },
    ],
  }));
  const reference = (layer: LayerConfig | undefined) =>
    layer ? [{ layer: layer.name, call: 0, output: 0 }] : [];
  return {
    layers: chained,
    inputs: reference(chained[0]),
    outputs: reference(chained.at(-1)),
    chained: true,
  };
}

/** A Sequential model without an input layer says the shape in its first layer's configuration, or nowhere. */
function implicitInput(first: LayerConfig, model: LayerConfig): LayerConfig {
  return {
    className: 'InputLayer',
    name: `${first.name}_input`,
    config: {
      batch_shape: statedInputShape(first) ?? model.config.build_input_shape ?? null,
      dtype: first.className === 'Embedding' ? 'int32' : 'float32',
    },
    calls: [],
    operation: false,
  };
}

/** Of a model nested in another, its own first layer says it. */
function statedInputShape({ className, config }: LayerConfig): unknown {
  const layers = Array.isArray(config) ? config : config.layers;
  const [inner] = className === 'Sequential' && Array.isArray(layers) ? layers : [];
  return (
    config.batch_input_shape ??
    config.batch_shape ??
    oldInputShape(config) ??
    (inner && statedInputShape(layerOf(inner)))
  );
}

function oldInputShape(config: Settings): unknown {
  if (config.input_dim === undefined || config.input_dim === null) return undefined;
  if ('input_length' in config && config.mask_zero !== undefined) return [null, config.input_length ?? null];
  return 'input_length' in config
    ? [null, config.input_length ?? null, config.input_dim]
    : [null, config.input_dim];
}

function functional(model: LayerConfig): Network {
  const written = array(model.config.layers, 'layers').map(layerOf);
  const outputs = references(model.config.output_layers);
  const firstCalls = countedFrom(written, outputs);
  const counted = (reference: TensorReference) => counting(reference, firstCalls);
  const layers = written.map((layer) => ({
    ...layer,
    calls: layer.calls.map((call) => ({ ...call, inputs: call.inputs.map(counted) })),
  }));
  const inputs = inputReferences(model.config.input_layers);
  return { layers, inputs, outputs: outputs.map(counted), chained: false, firstCalls };
}

/** Keras 2 leaves out the first call of a nested model, by which that was made, but counts it. */
function countedFrom(
  layers: readonly LayerConfig[],
  outputs: readonly TensorReference[],
): ReadonlyMap<string, number> {
  const nested = new Set(
    layers.flatMap(({ className, name }) => (networkClasses.has(className) ? [name] : [])),
  );
  const first = new Map<string, number>();
  const count = ({ layer, call }: TensorReference) => {
    if (nested.has(layer)) first.set(layer, Math.min(first.get(layer) ?? call, call));
  };
  for (const { calls } of layers) for (const { inputs } of calls) inputs.forEach(count);
  outputs.forEach(count);
  return new Map([...first].filter(([, call]) => call === 1));
}

/** A layer as JSON; keys that only some versions write are optional. */
function layerOf(json: unknown): LayerConfig {
  const layer = object(json, 'layer');
  const config = layer.config as Settings;
  if (typeof layer.class_name !== 'string' || typeof config !== 'object' || config === null) {
    throw missing('class_name, config');
  }
  const name = layer.name ?? config.name ?? layer.class_name;
  const nodes = Array.isArray(layer.inbound_nodes) ? layer.inbound_nodes : [];
  return {
    className: layer.class_name,
    name: String(name),
    config,
    calls: nodes.map((node) => callOf(node, layer.class_name as string)),
    ...(isOwnLayer(layer) && { own: true }),
    operation: isOperation(layer.class_name, layer.module, config, nodes),
  };
}

/** A wrapped layer (`layer` of Bidirectional or TimeDistributed). */
export function innerLayer(config: Settings, key = 'layer'): LayerConfig | undefined {
  return config[key] ? layerOf(config[key]) : undefined;
}

/** A list of layers in another one, such as the cells of StackedRNNCells; empty where there is none. */
export function innerLayers(config: Settings, key: string): LayerConfig[] {
  return array(config[key] ?? [], key).map(layerOf);
}
