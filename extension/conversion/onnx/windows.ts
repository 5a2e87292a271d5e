import { readMasked } from '../../model/parameter.ts';
import { type ConvNode, type PoolNode, stepTaps } from '../../model/windowNodes.ts';
import { stacked } from '../gateMatrices.ts';
import type { OnnxBuilder } from './builder.ts';
import type { Attribute } from './messages.ts';

/**
 * Convolution and pooling over the steps of x [B,…,T,C], or over images [B,…,H,W,C]. ONNX has the channels before the steps; what is before
 * these is one more axis that the window goes along, by itself.
 */
export function windows(b: OnnxBuilder, node: ConvNode | PoolNode, x: string): string {
  const rank = b.shapes.get(node.inputs[0])?.length ?? 3;
  const inner = Array.from({ length: rank - 2 }, (_, i) => i + 1);
  const channelsFirst = b.add('Transpose', [node.op === 'Conv' ? spread(b, node, x) : x], {
    perm: { ints: [0, rank - 1, ...inner] },
  });
  const around = inner.slice(node.rows ? 2 : 1).map(() => 1);
  const result =
    node.op === 'Conv'
      ? convolution(b, node, channelsFirst, around)
      : pooling(b, node, channelsFirst, around);
  return b.add('Transpose', [result], { perm: { ints: [0, ...inner.map((axis) => axis + 1), 1] } });
}

/**
 * @param size of the window in steps
 * @param around 1 for each axis that it goes along by itself
 */
function placing(
  { rows, ...steps }: ConvNode | PoolNode,
  size: number,
  around: readonly number[],
): Record<string, Attribute> {
  const windows = [...(rows ? [rows] : []), { ...steps, size }];
  const pads = windows.map(({ padding }) => (padding === 'same' ? undefined : padding));
  const at = (end: 0 | 1) => [...around.map(() => 0), ...pads.map((pair) => pair?.[end] ?? 0)];
  return {
    kernel_shape: { ints: [...around, ...windows.map((window) => window.size)] },
    strides: { ints: [...around, ...windows.map(({ stride }) => stride)] },
    ...(pads.includes(undefined)
      ? { auto_pad: { text: 'SAME_UPPER' } }
      : { pads: { ints: [...at(0), ...at(1)] } }),
  };
}

function convolution(b: OnnxBuilder, node: ConvNode, x: string, around: readonly number[]): string {
  const { taps, bias, groups, dilation } = node;
  const [{ rows, columns }] = taps;
  const ofRows = node.rows ? [node.rows.size] : [];
  const kernel = b.weights('kernel', [rows, columns, ...around, ...ofRows, stepTaps(node)], async () => {
    const byTap = await stacked(taps, rows * columns);
    const result = new Float32Array(byTap.length);
    for (let i = 0; i < rows * columns; i++)
      for (let k = 0; k < taps.length; k++) result[i * taps.length + k] = byTap[k * rows * columns + i];
    return result;
  });
  const inputs = bias ? [x, kernel, b.weights('bias', bias.shape, () => readMasked(bias))] : [x, kernel];
  return b.add('Conv', inputs, {
    ...placing(node, stepTaps(node), around),
    dilations: { ints: [...around, ...(node.rows ? [node.rows.dilation] : []), dilation] },
    group: { int: groups },
  });
}

function pooling(b: OnnxBuilder, node: PoolNode, x: string, around: readonly number[]): string {
  return b.add(node.op, [x], {
    ...placing(node, node.size, around),
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
