import * as tf from '@tensorflow/tfjs-core';
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
    read: () => values.slice(),
    write: (next) => {
      for (let i = 0; i < values.length; i++) values[i] = mask?.[i] === 0 ? 0 : next[i];
    },
    expand: (gradient) => {
      const expanded = (gradient.dataSync() as Float32Array).slice();
      if (mask) for (let i = 0; i < expanded.length; i++) if (mask[i] === 0) expanded[i] = 0;
      return expanded;
    },
    dispose: () => tensor.dispose(),
  };
}
