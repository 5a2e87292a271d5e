import type { MergeNode } from '../../model/mergeNode.ts';
import type { OnnxBuilder } from './builder.ts';
import { aligned, behind, rankOf } from './shapes.ts';
import type { Values } from './values.ts';

/** Several values, one by one; see `MergeNode` for the shapes and masks that they may have. */
export function merge(b: OnnxBuilder, node: MergeNode, values: Values): string {
  const inputs = aligned(b, node.inputs, values);
  if (!node.masks) {
    const variadic = node.op === 'Mean' || node.op === 'Max' || node.op === 'Min';
    return variadic ? b.add(node.op, inputs) : inputs.reduce((a, c) => b.add(node.op, [a, c]));
  }
  const rank = Math.max(...node.inputs.map((name) => rankOf(b, name)));
  const masks = node.masks.map((mask) =>
    mask === undefined ? undefined : behind(b, values.mask(mask), rank),
  );
  return node.op === 'Mul' ? product(b, inputs, masks) : choice(b, node, inputs, masks);
}

type Mask = string | undefined;

/** Masked factors are 1, and the product 0 where all are masked. */
function product(b: OnnxBuilder, factors: readonly string[], masks: readonly Mask[]): string {
  const result = factors
    .map((x, i) => {
      const mask = masks[i];
      return mask === undefined ? x : b.add('Where', [mask, x, b.floats(1)]);
    })
    .reduce((one, other) => b.add('Mul', [one, other]));
  const real = masks.reduce((any, mask) => any && mask && b.add('Or', [any, mask]));
  return real === undefined ? result : b.add('Where', [real, result, b.floats(0)]);
}

/** Masked inputs stay out of the choice. */
function choice(
  b: OnnxBuilder,
  { op }: MergeNode,
  inputs: readonly string[],
  masks: readonly Mask[],
): string {
  let [chosen, real] = [inputs[0], masks[0]];
  for (const [i, x] of inputs.entries()) {
    if (i === 0) continue;
    const mask = masks[i];
    const other = mask === undefined ? x : b.add('Where', [mask, x, chosen]);
    chosen = b.add(op, [real === undefined ? chosen : b.add('Where', [real, chosen, other]), other]);
    real = real && mask && b.add('Or', [real, mask]);
  }
  return chosen;
}
