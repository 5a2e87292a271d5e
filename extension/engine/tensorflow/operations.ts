import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { Attribute, NativeBackend, NativeTensor } from './native.ts';

/** A tensor in TensorFlow's memory, by its number. */
export type Id = number;

/**
 * TensorFlow's eager operations, called past TensorFlow.js: a call costs some 6 µs instead of 100, which counts in a loop
 * over time steps. Tensors that were made here are freed with the scope, unless `take` hands them over.
 */
export class Operations {
  readonly #backend: NativeBackend;
  readonly #owned = new Map<Id, NativeTensor | undefined>();

  constructor(backend: NativeBackend) {
    this.#backend = backend;
  }

  /** Runs `work` and frees everything that it made. */
  static scope<T>(backend: NativeBackend, work: (operations: Operations) => T): T {
    const operations = new Operations(backend);
    try {
      return work(operations);
    } finally {
      for (const id of operations.#owned.keys()) backend.binding.deleteTensor(id);
    }
  }

  /** A tensor of TensorFlow.js, which keeps it. */
  of(tensor: TensorInfo): Id {
    return this.#backend.getInputTensorIds([tensor])[0];
  }

  integers(values: readonly number[], shape = [values.length]): Id {
    return this.#own(
      this.#backend.binding.createTensor(shape, this.#backend.binding.TF_INT32, Int32Array.from(values)),
    );
  }

  /** An int64 scalar, which TensorFlow.js has no type for: low and high half. */
  long(value: number): Id {
    const { binding } = this.#backend;
    return this.#own(binding.createTensor([], binding.TF_INT64, Int32Array.of(value, 0)));
  }

  floats(values: Float32Array, shape: readonly number[]): Id {
    return this.#own(this.#backend.binding.createTensor([...shape], this.#backend.binding.TF_FLOAT, values));
  }

  scalar(value: number): Id {
    return this.floats(Float32Array.of(value), []);
  }

  bytes(values: Uint8Array, shape: readonly number[]): Id {
    return this.#own(this.#backend.binding.createTensor([...shape], this.#backend.binding.TF_BOOL, values));
  }

  /** Runs an operation that puts out one tensor. */
  run(name: string, inputs: readonly Id[], attributes: readonly Attribute[] = this.float()): Id {
    return this.runAll(name, inputs, 1, attributes)[0];
  }

  runAll(
    name: string,
    inputs: readonly Id[],
    outputs: number,
    attributes: readonly Attribute[] = this.float(),
  ): Id[] {
    return this.#backend.binding.executeOp(name, attributes, inputs, outputs).map((output) => {
      this.#owned.set(output.id, output);
      return output.id;
    });
  }

  /** Gives what an operation put out to TensorFlow.js. */
  take(id: Id): Tensor {
    const output = this.#owned.get(id);
    if (!output) throw new Error(`tensor ${id} is no output of this scope`);
    this.#owned.delete(id);
    return this.#backend.createOutputTensor(output);
  }

  /** Keeps a tensor beyond the scope; whoever holds it frees it. */
  release(id: Id): Id {
    this.#owned.delete(id);
    return id;
  }

  /** Frees a large tensor before the scope ends. */
  free(...ids: readonly Id[]): void {
    for (const id of ids) if (this.#owned.delete(id)) this.#backend.binding.deleteTensor(id);
  }

  /** The attribute T that most operations have, and further ones. */
  float(...more: readonly Attribute[]): Attribute[] {
    return [this.type('T', this.#backend.binding.TF_FLOAT), ...more];
  }

  type(name: string, value: number): Attribute {
    return { name, type: this.#backend.binding.TF_ATTR_TYPE, value };
  }

  int(name: string, value: number): Attribute {
    return { name, type: this.#backend.binding.TF_ATTR_INT, value };
  }

  flag(name: string, value: boolean): Attribute {
    return { name, type: this.#backend.binding.TF_ATTR_BOOL, value };
  }

  real(name: string, value: number): Attribute {
    return { name, type: this.#backend.binding.TF_ATTR_FLOAT, value };
  }

  #own(id: Id): Id {
    this.#owned.set(id, undefined);
    return id;
  }
}
