import * as tf from '@tensorflow/tfjs-core';
import { applyMask, sizeOf } from '../../model/parameter.ts';
import type { Variable, WeightUse } from '../engine.ts';
import type { Weight } from '../weight.ts';
import { sharedBackend, tensorOf } from './backend.ts';
import { runtime } from './runtime.ts';
import { SparseStructure } from './sparseStructure.ts';

/** A weight in the kernels' memory. */
export interface WasmVariable extends Variable {
  /** Address of `tensor.size` values. */
  readonly values: number;
  /** Where the kept values [nonzero] are that `tensor` holds; undefined: it holds the whole weight. */
  readonly structure: SparseStructure | undefined;
  /** Address of a byte for each value of a whole weight, 1 = kept; undefined: all are. */
  readonly mask: number | undefined;
  /** Values in the order of `tensor` as those of the whole weight; a copy. */
  whole(values: Float32Array): Float32Array;
  /** The reverse: writes those of a whole weight that `tensor` has to `target`, masked ones as 0. */
  pick(values: Float32Array, target: Float32Array): void;
}

/**
 * Where less than this share is kept, skipping zeros is faster than multiplying with them. Measured on a training step of an
 * LSTM (AMD EPYC 9004, one thread), both took the same time at a share of 0.42 (batch 4, 64 inputs, 128 units), 0.48
 * (20, 200, 200), 0.5 (64, 256, 512), 0.57 (16, 64, 64) and 0.65 (32, 64, 128).
 */
const sparseBelow = 0.45;

/** The whole weight, or only its kept values where the operator can take that and they are few. */
export function wasmVariable(
  weight: Weight,
  values: Float32Array,
  mask: Uint8Array | undefined,
  use: WeightUse,
): WasmVariable {
  // What never changes need not be computed where it is 0, whether a mask says so or not.
  const kept = use.purpose === 'forward' ? values : mask;
  return use.sparse && kept && share(kept) < sparseBelow
    ? sparseVariable(weight, values, kept)
    : denseVariable(weight, values, mask);
}

function share(kept: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < kept.length; i++) if (kept[i] !== 0) count++;
  return count / kept.length;
}

function denseVariable(weight: Weight, initial: Float32Array, mask: Uint8Array | undefined): WasmVariable {
  const { memory } = runtime();
  const output = sharedBackend().output(weight.shape);
  const tensor = tf.keep(tensorOf(output));
  const values = memory.floats(output.pointer, initial.length);
  values.set(initial);
  let flags: number | undefined;
  if (mask) {
    try {
      flags = memory.allocate(mask.length);
    } catch (error) {
      tensor.dispose();
      throw error;
    }
    memory.bytes(flags, mask.length).set(mask);
  }
  const pick = (source: Float32Array, target: Float32Array): void => {
    target.set(source);
    applyMask(target, mask);
  };
  return {
    weight,
    tensor,
    sparse: false,
    values: output.pointer,
    structure: undefined,
    mask: flags,
    whole: (own) => own.slice(),
    pick,
    read: () => values.slice(),
    write: (next) => pick(next, values),
    expand: (gradient) => {
      const values = gradient.dataSync() as Float32Array;
      // A copy: a gradient that a kernel of TensorFlow.js made may share its memory with another.
      return mask ? applyMask(values.slice(), mask) : values;
    },
    contract: (gradient) => tf.tensor(gradient, [...weight.shape], 'float32'),
    dispose: () => {
      tensor.dispose();
      if (flags !== undefined) memory.free(flags);
    },
  };
}

/** The kept values of a matrix; the others are 0 and take no part in anything. */
function sparseVariable(weight: Weight, initial: Float32Array, kept: ArrayLike<number>): WasmVariable {
  const { memory } = runtime();
  const columns = weight.shape.at(-1) as number;
  const structure = new SparseStructure(sizeOf(weight.shape) / columns, columns, kept, memory);
  try {
    const output = sharedBackend().output([structure.nonzero]);
    const tensor = tf.keep(tensorOf(output));
    const values = memory.floats(output.pointer, structure.nonzero);
    structure.compress(initial, values);
    return {
      weight,
      tensor,
      sparse: true,
      values: output.pointer,
      structure,
      mask: undefined,
      whole: (own) => structure.expand(own),
      pick: (source, target) => structure.compress(source, target),
      read: () => structure.expand(values),
      write: (next) => structure.compress(next, values),
      expand: (gradient) => structure.expand(gradient.dataSync() as Float32Array),
      contract: (gradient) => {
        const own = new Float32Array(structure.nonzero);
        structure.compress(gradient, own);
        return tf.tensor(own, [structure.nonzero], 'float32');
      },
      dispose: () => {
        tensor.dispose();
        structure.dispose();
      },
    };
  } catch (error) {
    structure.dispose();
    throw error;
  }
}
