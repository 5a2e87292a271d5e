import { readMasked } from '../../model/parameter.ts';
import type { ConvNode, PoolNode } from '../../model/windowNodes.ts';
import { stacked } from '../gateMatrices.ts';
import type { OnnxBuilder } from './builder.ts';
import type { Attribute } from './messages.ts';

/**
 * Convolution and pooling over the steps of x [B,…,T,C]. ONNX has the channels before the steps; what is before these is one more axis
 * that the window goes along, by itself.
 */
export function windows(b: OnnxBuilder, node: ConvNode | PoolNode, x: string): string {
  const rank = b.shapes.get(node.inputs[0])?.length ?? 3;
  const inner = Array.from({ length: rank - 2 }, (_, i) => i + 1);
  const channelsFirst = b.add('Transpose', [node.op === 'Conv' ? spread(b, node, x) : x], {
    perm: { ints: [0, rank - 1, ...inner] },
  });
  const around = inner.slice(1).map(() => 1);
  const result =
    node.op === 'Conv'
      ? convolution(b, node, channelsFirst, around)
      : pooling(b, node, channelsFirst, around);
  return b.add('Transpose', [result], { perm: { ints: [0, ...inner.map((axis) => axis + 1), 1] } });
}

/** @param around 1 for each axis before the steps */
function placing(
  { stride, padding }: ConvNode | PoolNode,
  around: readonly number[],
): Record<string, Attribute> {
  const none = around.map(() => 0);
  return {
    strides: { ints: [...around, stride] },
    ...(padding === 'same'
      ? { auto_pad: { text: 'SAME_UPPER' } }
      : { pads: { ints: padding.flatMap((steps) => [...none, steps]) } }),
  };
}

function convolution(b: OnnxBuilder, node: ConvNode, x: string, around: readonly number[]): string {
  const { taps, bias, groups, dilation } = node;
  const [{ rows, columns }] = taps;
  const kernel = b.weights('kernel', [rows, columns, ...around, taps.length], async () => {
    const byTap = await stacked(taps, rows * columns);
    const result = new Float32Array(byTap.length);
    for (let i = 0; i < rows * columns; i++)
      for (let k = 0; k < taps.length; k++) result[i * taps.length + k] = byTap[k * rows * columns + i];
    return result;
  });
  const inputs = bias ? [x, kernel, b.weights('bias', bias.shape, () => readMasked(bias))] : [x, kernel];
  return b.add('Conv', inputs, {
    ...placing(node, around),
    kernel_shape: { ints: [...around, taps.length] },
    dilations: { ints: [...around, dilation] },
    group: { int: groups },
  });
}

function pooling(b: OnnxBuilder, node: PoolNode, x: string, around: readonly number[]): string {
  return b.add(node.op, [x], {
    ...placing(node, around),
    kernel_shape: { ints: [...around, node.size] },
    ...(node.op === 'AveragePool' && node.countPadding && { count_include_pad: { int: 1 } }),
  });
}

/** Steps of 0 between those of x [B,T,C], so many less one. */
function spread(b: OnnxBuilder, { spread: factor, inputs }: ConvNode, x: string): string {
  if (factor === 1) return x;
  const zeros = [0, 0, 0, 0, 0, 0, factor - 1, 0];
  const apart = b.add('Pad', [b.add('Unsqueeze', [x, b.ints([2])]), b.ints(zeros)]);
  const joined = b.add('Reshape', [apart, b.ints([0, -1, b.shapes.get(inputs[0])?.[2] ?? -1])]);
  // Behind the last step there are none.
  return b.add('Slice', [joined, b.ints([0]), b.ints([1 - factor]), b.ints([1])]);
}
