import * as tf from '@tensorflow/tfjs-core';
import { applyMask } from '../../model/parameter.ts';
import type { Variable } from '../engine.ts';
import type { Weight } from '../weight.ts';
import type { NativeBackend } from './native.ts';
import { type Id, Operations } from './operations.ts';
import { Resource } from './resource.ts';

/** A weight, and what an optimizer of this engine works on. */
export interface TensorflowVariable extends Variable {
  /** 1 = kept, of type bool and with the weight's shape; undefined: nothing is masked. */
  readonly mask: Id | undefined;
  /** Values of the whole weight, what is masked as 0; a copy. */
  keep(values: Float32Array): Float32Array;
  /**
   * Calls `update` with a TensorFlow variable (a resource) that holds the values, and takes what it leaves there.
   */
  change(update: (resource: Id) => void): void;
}

/** A whole weight in a TensorFlow variable, which update rules change in place; `tensor` shows its present values. */
export function tensorflowVariable(
  backend: NativeBackend,
  weight: Weight,
  values: Float32Array,
  mask: Uint8Array | undefined,
): TensorflowVariable {
  const { binding } = backend;
  const shape = [...weight.shape];
  const resource = new Resource(backend, values, shape);
  const maskId = mask && Operations.scope(backend, (ops) => ops.release(ops.bytes(mask, shape)));
  const tensor = tf.keep(resource.read());
  const entry = backend.tensorMap.get(tensor.dataId);
  const change = (update: (id: Id) => void) => {
    // The tensor shares its memory with the variable, which TensorFlow would copy before it writes.
    binding.deleteTensor(entry.id);
    entry.id = -1;
    try {
      update(resource.id);
    } finally {
      entry.id = resource.readId();
    }
  };
  return {
    weight,
    tensor,
    sparse: false,
    mask: maskId,
    keep: (values) => applyMask(values.slice(), mask),
    change,
    read: () => tensor.dataSync<'float32'>(),
    write: (next) => change(() => resource.assign(applyMask(next.slice(), mask))),
    expand: (gradient) => applyMask(gradient.dataSync<'float32'>(), mask),
    contract: (gradient) => tf.tensor(gradient, shape, 'float32'),
    dispose: () => {
      tensor.dispose();
      if (maskId !== undefined) binding.deleteTensor(maskId);
      resource.dispose();
    },
  };
}
