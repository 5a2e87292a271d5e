import type { ShapeChange } from '../../model/shrinking.ts';
import { type CellLayers, cellLayers } from './cells.ts';
import { innerLayer, type LayerConfig, networkClasses, networkOf } from './config.ts';
import { type JsonPart, JsonText } from './jsonText.ts';
import { join } from './leaves.ts';
import type { TensorReference } from './references.ts';

/** What a configuration has to say anew. */
export interface ConfigChanges {
  /** The tensor that a layer of the network at this path puts out; undefined where the graph has none. */
  shape(network: string, tensor: TensorReference): ShapeChange | undefined;
  /** New number of units, or width, of the layer with weights at this path; undefined where it stays. */
  units(leaf: string): number | undefined;
}

/** A model's configuration with the new numbers of units, and the shapes that follow from them; every other byte stays. */
export function shrinkConfig(text: string, model: LayerConfig, changes: ConfigChanges): string {
  const json = new JsonText(text);
  shrinkNetwork(json.root, model, '', { json, changes });
  return json.toString();
}

interface Editing {
  readonly json: JsonText;
  readonly changes: ConfigChanges;
}

function shrinkNetwork(part: JsonPart, model: LayerConfig, path: string, editing: Editing): void {
  const config = part.members?.get('config');
  const parts = (config?.members?.get('layers') ?? config)?.items ?? [];
  const { layers } = networkOf(model);
  // An input that the file does not list stands first.
  const listed = layers.slice(layers.length - parts.length);
  for (const [i, layer] of listed.entries()) shrinkLayer(parts[i], layer, path, editing);
}

function shrinkLayer(part: JsonPart, layer: LayerConfig, network: string, editing: Editing): void {
  const { changes } = editing;
  const path = join(network, layer.name);
  const own = changes.shape(network, { layer: layer.name, call: 0, output: 0 });
  const read = (layer.calls[0]?.inputs ?? []).map((tensor) => changes.shape(network, tensor));
  const inputs = layer.className === 'InputLayer' ? [own] : read;
  const config = part.members?.get('config');
  for (const key of ['batch_input_shape', 'batch_shape', 'build_input_shape', 'noise_shape'])
    restate(config?.members?.get(key), inputs[0], editing);
  // Of the layer without the batch, of the operation with it.
  restate(config?.members?.get('newshape'), own, editing);
  restate(config?.members?.get('target_shape'), own && withoutAxis(own, 0), editing);
  if (layer.className !== 'Embedding')
    restateNumber(
      config?.members?.get('input_dim'),
      inputs[0]?.before.at(-1),
      inputs[0]?.after.at(-1),
      editing,
    );
  if (layer.className === 'MultiHeadAttention')
    stateOutput(config?.members?.get('output_shape'), inputs[0], own, editing);
  shrinkInner(part, layer, path, inputs, editing);
  restateAll(part.members?.get('build_config'), inputs, editing);
  restateTensors(part.members?.get('inbound_nodes'), network, editing);
}

/** The layer itself, or what it wraps or holds. */
function shrinkInner(
  part: JsonPart,
  layer: LayerConfig,
  path: string,
  inputs: readonly (ShapeChange | undefined)[],
  editing: Editing,
): void {
  if (networkClasses.has(layer.className)) {
    shrinkNetwork(part, layer, path, editing);
    return;
  }
  const members = part.members?.get('config')?.members;
  const inner = innerLayer(layer.config);
  if (layer.className === 'Bidirectional') {
    for (const [key, direction] of [
      ['layer', 'forward'],
      ['backward_layer', 'backward'],
    ] as const)
      shrinkWrapped(members?.get(key), innerLayer(layer.config, key), join(path, direction), inputs, editing);
  } else if (inner) {
    // TimeDistributed builds its layer for one step.
    shrinkWrapped(
      members?.get('layer'),
      inner,
      path,
      inputs.map((input) => input && withoutAxis(input, 1)),
      editing,
    );
  } else shrinkUnits(part, layer, path, inputs, editing);
}

/** A layer inside another one, which says itself what it was built for. */
function shrinkWrapped(
  part: JsonPart | undefined,
  layer: LayerConfig | undefined,
  path: string,
  inputs: readonly (ShapeChange | undefined)[],
  editing: Editing,
): void {
  if (layer) shrinkUnits(part, layer, path, inputs, editing);
  restateAll(part?.members?.get('build_config'), inputs, editing);
}

function shrinkUnits(
  part: JsonPart | undefined,
  layer: LayerConfig,
  path: string,
  inputs: readonly (ShapeChange | undefined)[],
  editing: Editing,
): void {
  const cells = cellLayers(layer);
  if (cells) {
    const cell = part?.members?.get('config')?.members?.get('cell');
    shrinkCells(cell, cells, path, inputs[0] && withoutAxis(inputs[0], 1), editing);
  } else stateUnits(part, editing.changes.units(path), editing);
}

/** The cell of an RNN, or all cells of a stack, each built for what the one before puts out. */
function shrinkCells(
  part: JsonPart | undefined,
  { layers, stacked }: CellLayers,
  path: string,
  input: ShapeChange | undefined,
  editing: Editing,
): void {
  const list = stacked ? part?.members?.get('config')?.members?.get('cells')?.items : part && [part];
  if (stacked) restateAll(part?.members?.get('build_config'), [input], editing);
  let read = input;
  for (const [i, { name, config }] of layers.entries()) {
    const units = editing.changes.units(stacked ? join(path, name) : path);
    restateAll(list?.[i]?.members?.get('build_config'), [read], editing);
    stateUnits(list?.[i], units, editing);
    const before = Number(config.units);
    read = { before: [null, before], after: [null, units ?? before] };
  }
}

function stateUnits(part: JsonPart | undefined, units: number | undefined, { json }: Editing): void {
  const config = part?.members?.get('config')?.members;
  const stated = config?.get('units') ?? config?.get('output_dim') ?? config?.get('filters');
  if (stated && units !== undefined) json.replace(stated, units);
}

/** Attention is as wide as its query where nothing else is said, so where either has changed the width is. */
function stateOutput(
  part: JsonPart | undefined,
  query: ShapeChange | undefined,
  own: ShapeChange | undefined,
  { json }: Editing,
): void {
  const changed = [query, own].some((shape) => shape && shape.before.at(-1) !== shape.after.at(-1));
  if (part && own && changed) json.replace(part, [own.after.at(-1)]);
}

function withoutAxis({ before, after }: ShapeChange, axis: number): ShapeChange {
  return { before: before.toSpliced(axis, 1), after: after.toSpliced(axis, 1) };
}

function restateNumber(
  part: JsonPart | undefined,
  before: number | null | undefined,
  after: number | null | undefined,
  { json }: Editing,
): void {
  if (part && typeof after === 'number' && after !== before && json.valueOf(part) === before)
    json.replace(part, after);
}

/** A shape in which lengths are written that have changed. */
function restate(part: JsonPart | undefined, change: ShapeChange | undefined, editing: Editing): void {
  const { items } = part ?? {};
  if (!items || items.length !== change?.before.length) return;
  for (const [axis, item] of items.entries())
    restateNumber(item, change.before[axis], change.after[axis], editing);
}

/** All shapes below a part, such as those that a layer was built for: of its inputs in their order, as far as they agree. */
function restateAll(
  part: JsonPart | undefined,
  inputs: readonly (ShapeChange | undefined)[],
  editing: Editing,
): void {
  const waiting = [...inputs];
  for (const shape of shapesIn(part, editing.json)) {
    const found = waiting.findIndex((input) => input && states(shape, input, editing.json));
    const input =
      found === -1 ? inputs.find((one) => one && states(shape, one, editing.json)) : waiting[found];
    if (found !== -1) waiting.splice(found, 1);
    restate(shape, input, editing);
  }
}

function shapesIn(part: JsonPart | undefined, json: JsonText): JsonPart[] {
  if (part?.members) return [...part.members.values()].flatMap((member) => shapesIn(member, json));
  const { items = [] } = part ?? {};
  const isShape = items.length > 0 && items.every((item) => isLength(json.valueOf(item)));
  return part && isShape ? [part] : items.flatMap((item) => shapesIn(item, json));
}

function isLength(value: unknown): boolean {
  return value === null || typeof value === 'number';
}

/** Whether a shape is one of this tensor, whatever its batch. */
function states({ items = [] }: JsonPart, { before }: ShapeChange, json: JsonText): boolean {
  return (
    items.length === before.length &&
    before.every((length, axis) => axis === 0 || length === null || json.valueOf(items[axis]) === length)
  );
}

/** Keras 3 writes down the shapes of the tensors that a layer is called with. */
function restateTensors(part: JsonPart | undefined, network: string, editing: Editing): void {
  if (!part) return;
  const { json, changes } = editing;
  const { members } = part;
  const config = members?.get('config')?.members;
  const history = config?.get('keras_history');
  if (json.valueOf(members?.get('class_name')) === '__keras_tensor__' && history) {
    const [layer, call, output] = json.valueOf(history) as [string, number, number];
    restate(config?.get('shape'), changes.shape(network, { layer, call, output }), editing);
    return;
  }
  for (const member of [...(members?.values() ?? []), ...(part.items ?? [])])
    restateTensors(member, network, editing);
}
