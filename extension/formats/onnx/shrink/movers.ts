import { intsOf } from '../attributes.ts';
import type { Folded } from '../fold/folded.ts';
import { sliceRanges, splitPart } from '../fold/ranges.ts';
import type { Scope } from '../fold/scope.ts';
import type { OnnxGraph, OnnxNode } from '../proto.ts';
import { nameOf } from '../recurrent/found.ts';
import type { GraphEditor } from '../save/graphEditor.ts';
import { type KeptOf, keptAxes } from './keptAxes.ts';

/** Nodes that move constants about without a number that depends on their lengths. */
const withoutNumbers = [
  ...['Constant', 'Identity', 'Cast', 'Transpose', 'Squeeze', 'Unsqueeze'],
  ...['Concat', 'DequantizeLinear'],
];

/**
 * Gives the nodes that cut or reshape weights the bounds that go with what stays of these.
 * @param refuse gives what is thrown where that cannot be said
 */
export async function moveBounds(
  { nodes }: OnnxGraph,
  scope: Scope,
  keptOf: KeptOf,
  editor: GraphEditor,
  refuse: (node: OnnxNode) => Error,
): Promise<void> {
  for (const node of nodes) {
    const input = scope.folded(node.inputs[0] ?? '');
    const isMoved = input !== undefined && node.outputs.some((name) => name !== '' && scope.folded(name));
    if (!isMoved || node.domain !== '' || withoutNumbers.includes(node.opType)) continue;
    const kept = keptAxes(input, keptOf);
    if (kept?.every((indices) => indices === null)) continue;
    if (!kept || !(await moved(node, { input, kept, scope, keptOf, editor }))) throw refuse(node);
  }
}

interface Cut {
  readonly input: Folded;
  readonly kept: readonly (readonly number[] | null)[];
  readonly scope: Scope;
  readonly keptOf: KeptOf;
  readonly editor: GraphEditor;
}

async function moved(node: OnnxNode, cut: Cut): Promise<boolean> {
  switch (node.opType) {
    case 'Slice':
      return slice(node, cut);
    case 'Split':
      return split(node, cut);
    case 'Reshape':
      return reshape(node, cut);
    default:
      return false;
  }
}

/** How many of the indices that stay lie before one. */
function before(kept: readonly number[] | null, index: number): number {
  return kept ? kept.filter((one) => one < index).length : index;
}

async function slice(node: OnnxNode, { input, kept, scope, editor }: Cut): Promise<boolean> {
  const ranges = sliceRanges(node, input.shape, (name) => scope.numbers(name));
  if (!ranges || ranges.some(({ step, axis }) => step !== 1 && kept[axis])) return false;
  const starts = ranges.map(({ axis, start }) => before(kept[axis], start));
  const ends = ranges.map(({ axis, start, length, step }) =>
    before(kept[axis], start + (length - 1) * step + 1),
  );
  for (const [name, position, values] of [
    ['starts', 1, starts],
    ['ends', 2, ends],
  ] as const) {
    const attribute = node.attributes.get(name);
    if (attribute && intsOf(node, name)) await editor.setIntegers(attribute, values);
    else editor.setInput(node, position, editor.addIntegers(`${nameOf(node)}_${name}`, values));
  }
  return true;
}

async function split(node: OnnxNode, { input, kept, scope, editor }: Cut): Promise<boolean> {
  const parts = node.outputs.map((_, output) =>
    splitPart(node, output, input.shape, (name) => scope.numbers(name)),
  );
  if (!parts.every((part) => part !== undefined)) return false;
  const sizes = parts.map(
    ({ axis, start, length }) => before(kept[axis], start + length) - before(kept[axis], start),
  );
  const attribute = node.attributes.get('split');
  if (attribute) await editor.setIntegers(attribute, sizes);
  else if (node.inputs[1]) editor.setInput(node, 1, editor.addIntegers(`${nameOf(node)}_split`, sizes));
  // Equal parts stay equal, or the node has no way to say it that all operator sets share.
  else return sizes.every((size) => size === sizes[0]);
  return true;
}

/** Only where axes of length 1 come or go: else places move by more than their order. */
async function reshape(node: OnnxNode, { input, scope, keptOf, editor }: Cut): Promise<boolean> {
  const output = scope.folded(node.outputs[0]);
  const kept = output && keptAxes(output, keptOf);
  const long = (shape: readonly number[]) => shape.filter((length) => length !== 1).join();
  if (!kept || long(input.shape) !== long(output.shape)) return false;
  const shape = output.shape.map((length, axis) => kept[axis]?.length ?? length);
  editor.setInput(node, 1, editor.addIntegers(`${nameOf(node)}_shape`, shape));
  return true;
}
