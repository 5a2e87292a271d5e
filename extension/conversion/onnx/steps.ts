import type { OnnxBuilder } from './builder.ts';
import type { NodeOf } from './nodes.ts';
import { behind, rankOf } from './shapes.ts';
import type { Values } from './values.ts';

type StepNode = NodeOf<
  'ApplyMask' | 'Reverse' | 'ReduceMean' | 'ReduceMax' | 'RepeatVector' | 'Pad' | 'Upsample'
>;

/** The last and the first place that an axis can have, for Slice. */
const end = Number.MAX_SAFE_INTEGER;

/** What goes over the steps of a sequence [B,T,…]. */
export function steps(b: OnnxBuilder, node: StepNode, values: Values): string {
  const x = values.of(node.inputs[0]);
  const rank = rankOf(b, node.inputs[0]);
  switch (node.op) {
    case 'ApplyMask':
      // A product, as it is while training: what is not a number stays so.
      return b.add('Mul', [x, behind(b, values.of(node.inputs[1]), rank)]);
    case 'Reverse':
      return b.add('Slice', [x, ...[-1, -end, 1, -1].map((n) => b.ints([n]))]);
    case 'ReduceMean':
    case 'ReduceMax':
      return reduced(b, node, x, rank, values);
    case 'RepeatVector':
      return b.add('Tile', [b.add('Unsqueeze', [x, b.ints([1])]), b.ints([1, node.count, 1])]);
    case 'Pad':
      return padded(b, node, x, rank);
    case 'Upsample': {
      const repeated = b.add('Tile', [b.add('Unsqueeze', [x, b.ints([2])]), b.ints([1, 1, node.factor, 1])]);
      const width = b.shapes.get(node.inputs[0])?.[2] ?? -1;
      // The steps are joined with their copies; the width, which is known, stays.
      return b.add('Reshape', [repeated, b.ints([0, -1, width])]);
    }
  }
}

function reduced(
  b: OnnxBuilder,
  { op, mask, keepAxis }: NodeOf<'ReduceMean' | 'ReduceMax'>,
  x: string,
  rank: number,
  values: Values,
): string {
  const attributes = { axes: { ints: [1] }, keepdims: { int: keepAxis ? 1 : 0 } };
  if (mask === undefined) return b.add(op, [x], attributes);
  const real = behind(b, values.mask(mask), rank);
  if (op === 'ReduceMax') return b.add(op, [b.add('Where', [real, x, b.floats(-Infinity)])], attributes);
  const sum = (value: string) => b.add('ReduceSum', [value, b.ints([1])], { keepdims: attributes.keepdims });
  return b.add('Div', [
    sum(b.add('Where', [real, x, b.floats(0)])),
    sum(b.add('Cast', [real], { to: { int: 1 } })),
  ]);
}

function padded(b: OnnxBuilder, { before, after }: NodeOf<'Pad'>, x: string, rank: number): string {
  // ONNX' Pad takes steps away where a number is negative.
  const ends = (n: number) => Array.from({ length: rank }, (_, axis) => (axis === 1 ? n : 0));
  return b.add('Pad', [x, b.ints([...ends(before), ...ends(after)])]);
}
