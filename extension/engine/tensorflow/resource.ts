import type { Tensor } from '@tensorflow/tfjs-core';
import type { Attribute, NativeBackend } from './native.ts';
import { type Id, Operations } from './operations.ts';

let made = 0;

/** A TensorFlow variable: memory with a name, which `ResourceApply…` operations change in place. */
export class Resource {
  /** The handle, for operations. */
  readonly id: Id;
  readonly #backend: NativeBackend;
  readonly #shape: readonly number[];
  readonly #type: Attribute;

  /** @param values float32, copied */
  constructor(backend: NativeBackend, values: Float32Array, shape: readonly number[]) {
    this.#backend = backend;
    this.#shape = shape;
    const { binding } = backend;
    this.#type = { name: 'dtype', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
    this.id = Operations.scope(backend, (ops) => {
      const text = (name: string, value: string) => ({ name, type: binding.TF_ATTR_STRING, value });
      const dims = { name: 'shape', type: binding.TF_ATTR_SHAPE, value: shape };
      const attributes = [
        this.#type,
        dims,
        text('container', ''),
        text('shared_name', `lstmPruner${made++}`),
      ];
      return ops.release(ops.run('VarHandleOp', [], attributes));
    });
    this.assign(values.slice());
  }

  /** @param values kept by the variable: nobody else may change them */
  assign(values: Float32Array): void {
    Operations.scope(this.#backend, (ops) => {
      // A copy in TensorFlow's own memory: the array's is shared, and would be copied at every update.
      const own = ops.run('Add', [ops.floats(values, this.#shape), ops.scalar(0)]);
      ops.runAll('AssignVariableOp', [this.id, own], 0, [this.#type]);
    });
  }

  read(): Tensor {
    return Operations.scope(this.#backend, (ops) => ops.take(this.#readInto(ops)));
  }

  /** The values as a tensor that the caller frees. */
  readId(): Id {
    return Operations.scope(this.#backend, (ops) => ops.release(this.#readInto(ops)));
  }

  values(): Float32Array {
    return Operations.scope(
      this.#backend,
      (ops) => this.#backend.binding.tensorDataSync(this.#readInto(ops)) as Float32Array,
    );
  }

  dispose(): void {
    Operations.scope(this.#backend, (ops) => {
      ops.runAll('DestroyResourceOp', [this.id], 0, [ops.flag('ignore_lookup_error', true)]);
    });
    this.#backend.binding.deleteTensor(this.id);
  }

  #readInto(ops: Operations): Id {
    return ops.run('ReadVariableOp', [this.id], [this.#type]);
  }
}
