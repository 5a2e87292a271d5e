import type { ValueName } from '../../../model/graph.ts';
import type { OnnxNode } from '../proto.ts';
import { nameOf } from '../recurrent/found.ts';
import { perSample } from './arrange.ts';
import type { Lowering } from './lowering.ts';
import { everySample, type Value } from './values.ts';

/** Whether a state begins at 0. */
export async function isZero(lowering: Lowering, value: Value): Promise<boolean> {
  switch (value.kind) {
    case 'flow':
    case 'counting':
    case 'samplePlaces':
    case 'sampleOrder':
      return false;
    case 'uniform':
      return value.value === 0;
    case 'numbers':
      return value.values.every((one) => one === 0);
    case 'weight':
      return lowering.allZero(value);
  }
}

/**
 * The states [B,width] that a layer begins with, one for each sample of x, and zeros where only some are given; none where none is.
 */
export function besideZeros(
  lowering: Lowering,
  node: OnnxNode,
  states: readonly (ValueName | undefined)[],
  widths: readonly number[],
  x: ValueName,
): ValueName[] {
  if (states.every((state) => state === undefined)) return [];
  const { emitter } = lowering;
  return states.map((state, i) => {
    const width = widths[i];
    const zeros = { shape: [1, width], data: new Float32Array(width) };
    const value =
      state ??
      emitter.add(
        { op: 'Constant', value: zeros, inputs: [] },
        [everySample, { length: width }],
        nameOf(node),
        `${nameOf(node)} zeros`,
      );
    return perSample(emitter, node, value, x);
  });
}
