import { gathered } from '../../model/gateView.ts';
import { readMasked } from '../../model/parameter.ts';
import type { OnnxBuilder } from './builder.ts';
import type { NodeOf } from './nodes.ts';
import { aligned, rankOf } from './shapes.ts';
import type { Values } from './values.ts';

type ArrayNode = NodeOf<'Product' | 'Constant' | 'Weight' | 'Expand' | 'Slice' | 'Select' | 'Reduce'>;

/** Values as arrays of any meaning: cut, repeated, summed up, multiplied as matrices, or given. */
export function arrays(b: OnnxBuilder, node: ArrayNode, values: Values): string {
  const x = () => values.of(node.inputs[0]);
  switch (node.op) {
    case 'Product':
      // ONNX lines outer axes up at their ends, we behind the batch.
      return b.add('MatMul', aligned(b, node.inputs, values));
    case 'Constant': {
      const { shape, data } = node.value;
      return b.weights('constant', shape, async () => Float32Array.from(data));
    }
    case 'Weight': {
      const { view, shape } = node;
      return b.weights('weight', shape, async () => gathered(view, await readMasked(view.parameter)));
    }
    case 'Expand':
      return expanded(b, node, values);
    case 'Slice': {
      const { axis, begin, end = Number.MAX_SAFE_INTEGER, step = 1, likeAxis } = node;
      const to = likeAxis === undefined ? b.ints([end]) : lengthOf(b, values.of(node.inputs[1]), likeAxis);
      return b.add('Slice', [x(), b.ints([begin]), to, ...[axis, step].map((n) => b.ints([n]))]);
    }
    case 'Select':
      return b.add('Gather', [x(), b.ints(node.index)], { axis: { int: node.axis } });
    case 'Reduce': {
      const keepdims = { int: node.keepAxes ? 1 : 0 };
      // Of ONNX 17, ReduceSum alone takes its axes as an input.
      return node.by === 'Sum'
        ? b.add('ReduceSum', [x(), b.ints(node.axes)], { keepdims })
        : b.add(`Reduce${node.by}`, [x()], { axes: { ints: node.axes }, keepdims });
    }
  }
}

/** How long an axis of a value is, as a list of one. */
function lengthOf(b: OnnxBuilder, value: string, axis: number): string {
  return b.add('Shape', [value], { start: { int: axis }, end: { int: axis + 1 } });
}

function expanded(
  b: OnnxBuilder,
  { axis, count, likeAxis, inputs }: NodeOf<'Expand'>,
  values: Values,
): string {
  const rank = rankOf(b, inputs[0]);
  const length = count !== undefined ? b.ints([count]) : lengthOf(b, values.of(inputs[1]), likeAxis ?? 0);
  // Expand leaves an axis as it is where the shape says 1.
  const ones = (n: number) => (n === 0 ? [] : [b.ints(Array.from({ length: n }, () => 1))]);
  const shape = b.add('Concat', [...ones(axis), length, ...ones(rank - 1 - axis)], { axis: { int: 0 } });
  return b.add('Expand', [values.of(inputs[0]), shape]);
}
