import * as tf from '@tensorflow/tfjs-core';
import type { GateView } from '../../model/gateView.ts';
import { sizeOf } from '../../model/parameter.ts';
import type { Operator } from '../engine.ts';
import type { NodeOf } from '../operators.ts';
import { plainWeight, type Weight } from '../weight.ts';

/** Numbers as they are. */
export function constantOperator({ value: { data, shape } }: NodeOf<'Constant'>): Operator {
  return { weights: [], forward: () => [tf.tensor(data, [...shape], 'float32')] };
}

/**
 * A parameter's values, which are learned like any other. One that is used whole stays the one weight that it is where it is a table or a
 * bias elsewhere.
 */
export function weightOperator({ view, shape }: NodeOf<'Weight'>): Operator {
  const weight: Weight = isWhole(view)
    ? plainWeight(view.parameter, 'bias')
    : { role: 'bias', shape, parts: [{ view, at: 0 }] };
  return { weights: [weight], forward: (_, [{ tensor }]) => [tf.reshape(tensor, [...shape])] };
}

function isWhole({ parameter, rows, columns, offset, rowStride, columnStride }: GateView): boolean {
  const inOrder = (columns === 1 || columnStride === 1) && (rows === 1 || rowStride === columns);
  return offset === 0 && inOrder && rows * columns === sizeOf(parameter.shape);
}
