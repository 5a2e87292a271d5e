import { sizeOf } from '../../model/parameter.ts';
import { bytesField, fieldHead, integerField } from '../protobuf/fields.ts';
import { type Folded, isJoined } from './fold/folded.ts';
import type { OnnxParameter } from './parameters.ts';
import type { ComputedValues, OnnxGraph, OnnxTensor } from './proto.ts';
import type { Source } from './read/source.ts';
import { editedBytes, type FileEdit, isChanged } from './save/editedValues.ts';
import { GraphEditor } from './save/graphEditor.ts';
import { byTensor } from './save/save.ts';
import { removeUnread, unreadWith } from './save/unread.ts';

/** A tensor that a node of the file computes of constants. */
export interface ComputedTensor extends OnnxTensor {
  readonly values: ComputedValues;
}

export function isComputed(tensor: OnnxTensor): tensor is ComputedTensor {
  return tensor.values.kind === 'computed';
}

/** Tensors that are there for computed ones alone: they are counted as what becomes of them. */
export function operandsAlone(
  graph: OnnxGraph,
  computed: readonly ComputedTensor[],
): ReadonlySet<OnnxTensor> {
  if (computed.length === 0) return new Set();
  const nodes = new Set(computed.map(({ values }) => values.node));
  const unread = unreadWith(graph, (node) => (nodes.has(node) ? [] : node.inputs));
  const constants = unread.nodes.flatMap(({ attributes }) => attributes.get('value')?.tensor ?? []);
  return new Set([...unread.initializers, ...constants]);
}

/**
 * Puts computed weights that were changed, or would be by what was, into the file, as constants where the nodes stood; what only these
 * read goes with them.
 */
export async function computedEdits(
  source: Source,
  graph: OnnxGraph,
  parameters: readonly OnnxParameter[],
): Promise<FileEdit[]> {
  const changed = new Set(parameters.filter(isChanged).map(({ tensor }) => tensor));
  const due = [...byTensor(parameters)].flatMap(([tensor, own]) =>
    isComputed(tensor) && comesOf(tensor, changed) ? [{ tensor, own }] : [],
  );
  if (due.length === 0) return [];
  const editor = new GraphEditor(source, graph);
  for (const { tensor, own } of due) {
    editor.replaceNode(
      tensor.values.node,
      constantNode(tensor, () => editedBytes(source, tensor, own)),
    );
  }
  removeUnread(graph, editor);
  const replacements = await editor.replacements();
  return replacements.map((replacement) => ({ location: undefined, replacement }));
}

/** Whether a tensor is one of these, or computed of one. */
function comesOf(tensor: OnnxTensor, changed: ReadonlySet<OnnxTensor>): boolean {
  const inOne = (folded: Folded): boolean =>
    isJoined(folded) ? folded.parts.some(inOne) : comesOf(folded.tensor, changed);
  return changed.has(tensor) || (isComputed(tensor) && tensor.values.operands.some(inOne));
}

interface Part {
  readonly length: number;
  readonly bytes: () => Promise<Uint8Array>;
}

/** A Constant of the name that a node computes, as a field of its graph; its values are made when they are written. */
function constantNode({ dims, dataType, values: { node } }: ComputedTensor, bytes: Part['bytes']): Part {
  const raw = { length: 4 * sizeOf(dims), bytes };
  const tensor = joined([...dims.map((n) => integerField(1, n)), integerField(2, dataType)], field(9, raw));
  const tensorAttribute = integerField(20, 4);
  const value = joined([bytesField(1, 'value'), tensorAttribute], field(5, tensor));
  const name = node.name === '' ? [] : [bytesField(3, node.name)];
  return field(
    1,
    joined([bytesField(2, node.outputs[0]), ...name, bytesField(4, 'Constant')], field(5, value)),
  );
}

/** As a field of this number. */
function field(number: number, part: Part): Part {
  return joined([fieldHead(number, part.length)], part);
}

function joined(before: readonly Uint8Array[], last: Part): Part {
  const head = Buffer.concat(before);
  return { length: head.length + last.length, bytes: async () => Buffer.concat([head, await last.bytes()]) };
}
