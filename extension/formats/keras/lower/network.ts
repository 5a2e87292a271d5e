import type { Graph, GraphInput, GraphOutput } from '../../../model/graph.ts';
import { withRoundedHead } from '../../../model/roundedHead.ts';
import type { HalfType } from '../../../model/rounding.ts';
import type { Message } from '../../../protocol/messages.ts';
import { UserError } from '../../../protocol/userError.ts';
import type { Call } from '../calls.ts';
import { type LayerConfig, type Network, networkClasses, networkOf } from '../config.ts';
import type { TensorReference } from '../references.ts';
import { hasUnknownPenalty } from '../regularizers.ts';
import { causalKeyword } from './attention.ts';
import { computedInFloat32, computedInHalves, computeTypesOf, isHalf } from './computeType.ts';
import { lowerItem } from './item.ts';
import { asKeras2 } from './keras1.ts';
import { causalLayers, lowerings, mergingOperations, severalLowerings } from './layers.ts';
import { type Builder, type PlacedLayer, tensorKey, type Value } from './lowering.ts';
import { tensorOperations } from './operations.ts';
import { setting } from './options.ts';
import { notComputed, ownWithin } from './ownCode.ts';
import { penaltyNotes } from './penaltyNotes.ts';
import { incomplete, unsupported } from './refusals.ts';
import { callKey, readingOrder, runOrder } from './runOrder.ts';
import { type Found, foundMask } from './takenMasks.ts';

/** Layers whose masks come of what they read, not of its mask. */
const makeMasks: ReadonlySet<string> = new Set(['Embedding', 'Masking']);

/** A file of a few models that call each other twice may ask for any number. */
const mostCalls = 2 ** 15;

const loraArrays = ['lora_kernel_a', 'lora_embeddings_a'];

/**
 * Lowers a Keras model to a graph. Only what the outputs need is lowered, so that the operations by which Keras 3
 * computes its masks are left out; masks follow the layers' own rules instead. Throws a `UserError` that names the
 * first layer that cannot be computed.
 */
export function lowerModel(model: LayerConfig, builder: Builder): Graph {
  const network = networkOf(model);
  if (network.outputs.length !== 1)
    throw new UserError('outputsUnsupported', { count: network.outputs.length });
  const layers = new Map(network.layers.map((layer) => [layer.name, layer]));
  const inputs = network.inputs.map((reference): Value => {
    const layer = layers.get(reference.layer);
    if (!layer) throw unknownLayer(reference);
    const name = reference.key ?? layer.name;
    builder.inputs.push(graphInput(layer, name));
    return { name };
  });
  const lowered = lowerNetwork(network, '', inputs, builder);
  const outputs = (builder.takenMasks?.now(lowered) ?? lowered).map((value): GraphOutput => {
    const mask = foundMask(value);
    return { name: value.name, ...(mask !== undefined && { mask }) };
  });
  const assumptions = [
    ...(builder.stateful.size > 0 ? [statesReset(builder.stateful)] : []),
    ...computedInHalves(builder.halfTypes, builder.nodes),
    ...(builder.computeTypes.size > 0 ? [computedInFloat32(builder.computeTypes)] : []),
    ...penaltyNotes(builder),
  ];
  return {
    inputs: typedInputs(builder),
    nodes: withRoundedHead(builder.nodes, outputs, (origin) => builder.freshAt(origin)),
    outputs,
    ...(builder.activityPenalties.length > 0 && { activityPenalties: builder.activityPenalties }),
    ...(builder.version.tensorflowJs && { evaluatedWithoutPenalties: true }),
    ...(assumptions.length > 0 && { assumptions }),
  };
}

function statesReset(layers: ReadonlySet<string>): Message {
  return { code: 'noteStatesReset', args: { layers: [...layers].join(', ') } };
}

function lowerNetwork(network: Network, path: string, inputs: readonly Value[], builder: Builder): Value[] {
  const layers = new Map(network.layers.map((layer) => [layer.name, layer]));
  const values = new Map<string, readonly Value[]>();
  // Calls whose masks Keras 3 had not seen when it built the model: those that come out of nested models, or into this one.
  const unseen = new Set<string>();
  for (const [i, { layer }] of network.inputs.entries()) {
    const key = callKey({ layer, call: 0 });
    values.set(key, [inputs[i]]);
    if (path !== '' && inputs[i].mask !== undefined) unseen.add(key);
  }

  const tensorAt = (reference: TensorReference): Value => {
    const value = values.get(callKey(reference))?.[reference.output];
    if (!value) throw unknownLayer(reference);
    builder.tensors.set(tensorKey(path, reference), value.name);
    return value;
  };
  const inRunOrder = builder.takenMasks && holdsHeads(network);
  const order = inRunOrder ? runOrder(network) : readingOrder(network, builder.heldMask !== undefined);
  builder.calls += Math.max(order.length, network.layers.length);
  if (builder.calls > mostCalls) throw incomplete({ code: 'reasonManyCalls', args: { limit: mostCalls } });
  for (const reference of order) {
    const key = callKey(reference);
    if (values.has(key)) continue;
    const layer = layers.get(reference.layer);
    const call = layer?.calls[reference.call];
    if (!layer || !call) throw unknownLayer(reference);
    const placed = { ...layer, call, path: path === '' ? layer.name : `${path}/${layer.name}` };
    const read = call.inputs.map((input): Found => {
      const value = tensorAt(input);
      return { ...value, ...(unseen.has(callKey(input)) && value.mask !== undefined && { unseen: true }) };
    });
    const isUnseen = networkClasses.has(placed.className) || read.some((value) => value.unseen);
    if (isUnseen && !makeMasks.has(placed.className)) unseen.add(key);
    const outputs = lowerCall(placed, call, read, path !== '', builder);
    if (network.chained && outputs.length > 1 && !networkClasses.has(placed.className))
      throw unsupported(placed, severalOutputs(placed));
    values.set(key, outputs);
  }
  return network.outputs.map(tensorAt);
}

/** @param nested in another model */
function lowerCall(
  placed: PlacedLayer,
  call: Call,
  read: readonly Found[],
  nested: boolean,
  builder: Builder,
): readonly Value[] {
  const unheeded = call.keywords.filter((key) => !isHeeded(placed, key));
  if (unheeded.length > 0) throw unsupported(placed, unheeded.join(', '));
  // HDF5 files of Keras 3 keep a low-rank adapter beside the kernel that it changes; in an archive they are one.
  if (loraArrays.some((role) => builder.optional(placed, role)))
    throw unsupported(placed, setting('lora_rank', placed.config.lora_rank));
  if (hasUnknownPenalty(placed)) builder.unknownPenalties.add(placed.path);
  const given = builder.takenMasks?.found(read, placed, nested) ?? read;
  builder.heldMask?.keep(given);
  const outputs = builder.computing(typeFor(placed, given, builder), () =>
    placed.operation ? [lowerOperation(placed, call, given, builder)] : lowerLayer(placed, given, builder),
  );
  builder.takenMasks?.take(placed, given);
  builder.penalise(placed, outputs);
  return builder.takenMasks?.handedOn(outputs, read, placed) ?? outputs;
}

/** Whether a layer takes masks off, be it in a nested model. */
function holdsHeads({ layers }: Network): boolean {
  return layers.some(
    (layer) =>
      layer.className === 'MultiHeadAttention' ||
      (networkClasses.has(layer.className) && holdsHeads(networkOf(layer))),
  );
}

/** The half that a layer is computed in; an operation, which has no type of its own, is in that of its tensors. */
function typeFor(layer: PlacedLayer, given: readonly Value[], builder: Builder): HalfType | undefined {
  if (layer.operation) return builder.typeOf(given);
  const types = computeTypesOf(layer);
  const [type] = types;
  // TensorFlow.js knows no halves.
  if (types.length === 1 && isHalf(type) && !builder.version.tensorflowJs) return type;
  for (const other of types) if (other !== undefined) builder.computeTypes.add(other);
  return undefined;
}

/** Whether the lowering of a layer looks at what its call is given by this keyword. */
function isHeeded({ className }: LayerConfig, keyword: string): boolean {
  return keyword === causalKeyword && causalLayers.has(className);
}

/** The setting by which a recurrent layer puts out more than one tensor. */
function severalOutputs({ config }: LayerConfig): string {
  return config.merge_mode === null ? setting('merge_mode', null) : 'return_state';
}

function lowerLayer(written: PlacedLayer, inputs: readonly Value[], builder: Builder): readonly Value[] {
  const layer = builder.version.major === 1 ? asKeras2(written, inputs.length) : written;
  // Whatever its class is called: an author's own Attention computes what only the author knows.
  const own = ownWithin(layer);
  if (own) throw notComputed({ ...layer, className: own.className, own: true });
  if (networkClasses.has(layer.className)) return lowerNetwork(networkOf(layer), layer.path, inputs, builder);
  const [lowering, several] = [lowerings.get(layer.className), severalLowerings.get(layer.className)];
  if (!lowering && !several) throw notComputed(layer);
  if (inputs.length === 0) throw incomplete({ code: 'reasonNoInputs', args: { layer: layer.path } });
  return [
    ...(lowering ? [lowering(layer, inputs, builder)] : []),
    ...(several?.(layer, inputs, builder) ?? []),
  ];
}

/** An operation of one tensor, or between tensors of one rank, as a layer would compute it; it drops masks, and takes no numbers yet. */
function lowerOperation(layer: PlacedLayer, call: Call, inputs: readonly Value[], builder: Builder): Value {
  if (layer.className === 'GetItem') return lowerItem(layer, call, inputs, builder);
  const ofOne = tensorOperations.get(layer.className);
  if (ofOne) {
    const [{ shape } = {}, ...more] = call.inputs;
    if (!shape || more.length > 0 || call.constants.length > 0) throw unsupported(layer, argumentsOf(call));
    return { name: ofOne(layer, { name: inputs[0].name, shape }, builder) };
  }
  const lowering = mergingOperations.get(layer.className);
  if (!lowering) throw notComputed(layer);
  const ranks = new Set(call.inputs.map(({ shape }) => shape?.length));
  if (call.constants.length > 0 || inputs.length < 2 || ranks.size > 1) {
    throw unsupported(layer, argumentsOf(call));
  }
  return lowering(
    layer,
    inputs.map(({ name }) => ({ name })),
    builder,
  );
}

function argumentsOf({ inputs, constants }: Call): string {
  return setting('args', [...inputs.map(({ layer }) => layer), ...constants]);
}

function graphInput({ config }: LayerConfig, name: string): GraphInput {
  const shape = config.batch_shape ?? config.batch_input_shape;
  if (!Array.isArray(shape) || !shape.slice(1).every(isLength))
    throw new UserError('graphUnsupported', {}, { code: 'reasonNoInputShape', args: {} });
  return {
    name,
    shape: [null, ...shape.slice(1)],
    ...(isLength(shape[0]) && shape[0] !== null && { batch: shape[0] }),
    dtype: 'float32',
  };
}

function isLength(n: unknown): n is number | null {
  return n === null || (Number.isSafeInteger(n) && Number(n) >= 0);
}

/** Inputs of embeddings are token ids. */
function typedInputs({ inputs, nodes }: Builder): GraphInput[] {
  return inputs.map((input) => {
    const vocabularies = nodes.flatMap((node) =>
      node.op === 'Gather' && node.inputs[0] === input.name ? [node.table.shape[0]] : [],
    );
    return vocabularies.length === 0
      ? input
      : { ...input, dtype: 'int32', vocabulary: Math.min(...vocabularies) };
  });
}

function unknownLayer({ layer }: TensorReference): UserError {
  return new UserError('graphUnsupported', {}, { code: 'reasonNoLayer', args: { layer } });
}
