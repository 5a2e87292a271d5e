import * as tf from '@tensorflow/tfjs-core';
import { applyMask } from '../../model/parameter.ts';
import type { Variable } from '../engine.ts';
import type { Weight } from '../weight.ts';

/** A whole weight whose tensor is a view of an array that the optimizer changes. */
export interface CpuVariable extends Variable {
  readonly values: Float32Array;
  readonly mask: Uint8Array | undefined;
}

export function cpuVariable(weight: Weight, values: Float32Array, mask: Uint8Array | undefined): CpuVariable {
  // This backend keeps the array that it is given.
  const tensor = tf.keep(tf.tensor(values, [...weight.shape], 'float32'));
  return {
    weight,
    values,
    mask,
    tensor,
    sparse: false,
    read: () => values.slice(),
    write: (next) => {
      values.set(next);
      applyMask(values, mask);
    },
    expand: (gradient) => applyMask((gradient.dataSync() as Float32Array).slice(), mask),
    contract: (gradient) => tf.tensor(gradient, [...weight.shape], 'float32'),
    dispose: () => tensor.dispose(),
  };
}
