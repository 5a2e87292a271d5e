import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { Memory } from './memory.ts';
import { runtime } from './runtime.ts';

export const backendName = 'lstm-pruner';

/** What a data id stands for; TensorFlow.js keeps it opaque. */
type DataId = tf.TensorInfo['dataId'];
type Values = Float32Array | Int32Array | Uint8Array;

interface Place {
  readonly memory: Memory;
  readonly pointer: number;
  readonly dtype: tf.DataType;
}

/** The values of a new tensor, still to be written. */
export interface Output {
  readonly info: tf.TensorInfo;
  readonly pointer: number;
}

/**
 * TensorFlow.js' own JavaScript kernels, and ours beside them. The values of a tensor may lie in the kernels' memory, as
 * views of it that the others read like any array.
 */
export class SharedBackend extends MathBackendCPU {
  // Weak, as TensorFlow.js' own: what is forgotten there holds no memory that was given up.
  readonly #places = new WeakMap<DataId, Place[]>();
  /** What the running kernel put out so far; TensorFlow.js does not know of it before the kernel is done. */
  #made: DataId[] | undefined;

  /**
   * Address of a tensor's values in its own type; they move to the kernels' memory on the first call, and stay. A cast that
   * loses nothing shares the values: those of a float32 tensor may be token ids or the bytes of a bool, which are then copied.
   */
  place({ dataId, dtype }: tf.TensorInfo): number {
    const places = this.#places.get(dataId) ?? [];
    const known = places.find((place) => place.dtype === dtype);
    if (known) return known.pointer;
    const data = this.data.get(dataId);
    const values = data.values as Values | readonly number[];
    const { memory } = runtime();
    const place = { memory, pointer: memory.allocate(values.length * 4), dtype };
    const view = viewOf(place, values.length);
    view.set(values);
    if (dtype === data.dtype) data.values = view;
    this.#places.set(dataId, [...places, place]);
    return place.pointer;
  }

  /** A new tensor in the kernels' memory. */
  output(shape: readonly number[], dtype: 'float32' | 'int32' = 'float32'): Output {
    const { memory } = runtime();
    const length = tf.util.sizeFromShape([...shape]);
    const place = { memory, pointer: memory.allocate(length * 4), dtype };
    const info = this.makeTensorInfo([...shape], dtype);
    this.data.get(info.dataId).values = viewOf(place, length);
    this.#places.set(info.dataId, [place]);
    this.#made?.push(info.dataId);
    return { info, pointer: place.pointer };
  }

  /** The values of a float32 tensor, wherever they lie: not to be written into, but for an output's. */
  floats({ dataId }: tf.TensorInfo): Float32Array {
    return this.data.get(dataId).values as Float32Array;
  }

  /** A kernel of TensorFlow.js' own may put out a part of its input as it is, which would outlive what it is a part of. */
  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): DataId {
    const shared = ArrayBuffer.isView(values) && values.buffer instanceof SharedArrayBuffer;
    return super.write(shared ? copyOf(values as Values) : values, shape, dtype);
  }

  /** Runs a kernel. Where it fails, what it put out is given back. */
  runKernel<T>(compute: () => T): T {
    const outer = this.#made;
    const made: DataId[] = [];
    this.#made = made;
    try {
      return compute();
    } catch (error) {
      for (const dataId of made) this.disposeData(dataId, true);
      throw error;
    } finally {
      this.#made = outer;
    }
  }

  /** Copies: the memory is used anew when the tensor is gone. */
  override readSync(dataId: DataId): tf.backend_util.BackendValues {
    const values = super.readSync(dataId);
    return this.#places.has(dataId) ? copyOf(values as Values) : values;
  }

  override disposeData(dataId: DataId, force = false): boolean {
    const released = super.disposeData(dataId, force);
    if (released) {
      for (const { memory, pointer } of this.#places.get(dataId) ?? []) memory.free(pointer);
      this.#places.delete(dataId);
    }
    return released;
  }
}

/** In memory of its own. V8 takes several times as long for `slice` of a shared array, which it copies value by value. */
function copyOf(values: Values): Values {
  const Copy = values.constructor as new (length: number) => Values;
  const copy = new Copy(values.length);
  copy.set(values);
  return copy;
}

function viewOf({ memory, pointer, dtype }: Place, length: number): Values {
  if (dtype === 'float32') return memory.floats(pointer, length);
  if (dtype === 'int32') return memory.integers(pointer, length);
  if (dtype === 'bool') return memory.bytes(pointer, length);
  throw new Error(`tensors of ${dtype} cannot lie in the kernels' memory`);
}

/** Makes the backend known to TensorFlow.js, unless it is already. It is ready at once. */
export function registerBackend(): boolean {
  if (tf.findBackendFactory(backendName)) return false;
  tf.copyRegisteredKernels('cpu', backendName);
  tf.registerBackend(backendName, () => new SharedBackend());
  return true;
}

/** The backend that holds our tensors. */
export function sharedBackend(): SharedBackend {
  return tf.findBackend(backendName) as SharedBackend;
}

/** A tensor over an output; TensorFlow.js tracks it from here on. */
export function tensorOf({ info }: Output): tf.Tensor {
  return tf.engine().makeTensorFromTensorInfo(info, sharedBackend());
}

/** A new tensor that `fill` writes, given its address; where that fails, nothing remains of it. */
export function newTensor(shape: readonly number[], fill: (pointer: number) => void): tf.Tensor {
  return sharedBackend().runKernel(() => {
    const output = sharedBackend().output(shape);
    fill(output.pointer);
    return tensorOf(output);
  });
}
