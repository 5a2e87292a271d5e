import { sliceSamples } from '../data/shapes.ts';
import type { Tensor } from '../model/tensor.ts';
import { takeSamples } from './minibatch.ts';
import type { Teacher } from './teacher.ts';

/** Outputs of a teacher that take no more values than this are kept, so that every sample is computed once and not in every epoch. */
const mostKept = 2 ** 24;

/** What goes into a graph that is trained: one part's samples, and for each batch of them what a teacher puts out. */
export class Feed {
  readonly count: number;
  /** The model's own. */
  readonly inputs: readonly Tensor[];
  readonly #tensors: readonly Tensor[];
  readonly #teacher: Teacher | undefined;
  readonly #most: number;
  #kept: Kept | undefined;

  /**
   * @param targets in the type that the graph takes; absent where it takes none
   * @param most values of the teacher that are kept
   */
  constructor(inputs: readonly Tensor[], targets?: Tensor, teacher?: Teacher, most = mostKept) {
    this.count = inputs[0].shape[0];
    this.#tensors = targets ? [...inputs, targets] : inputs;
    this.inputs = inputs;
    this.#teacher = teacher;
    this.#most = most;
  }

  /** The samples of these indices, one tensor for each of the graph's inputs. */
  async take(indices: Uint32Array): Promise<Tensor[]> {
    const taken = this.#tensors.map((tensor) => takeSamples(tensor, indices));
    return this.#teacher ? [...taken, await this.#taught(this.#teacher, indices, taken)] : taken;
  }

  /** Samples `from` up to `to`, likewise; shares the values. */
  async slice(from: number, to: number): Promise<Tensor[]> {
    const taken = this.#tensors.map((tensor) => sliceSamples(tensor, from, to));
    if (!this.#teacher) return taken;
    const indices = Uint32Array.from({ length: to - from }, (_, i) => from + i);
    return [...taken, await this.#taught(this.#teacher, indices, taken)];
  }

  async #taught(teacher: Teacher, indices: Uint32Array, taken: readonly Tensor[]): Promise<Tensor> {
    const known = this.#kept?.of(indices);
    if (known) return known;
    const targets = await teacher.targets(taken.slice(0, this.inputs.length));
    const size = targets.data.length / indices.length;
    if (size * this.count > this.#most) return targets;
    this.#kept ??= new Kept([this.count, ...targets.shape.slice(1)], size);
    this.#kept.put(indices, targets);
    return targets;
  }
}

/** Values of samples, as far as they are known. */
class Kept {
  readonly #all: Tensor;
  readonly #known: Uint8Array;
  readonly #size: number;

  /** @param size values of a sample */
  constructor(shape: readonly number[], size: number) {
    this.#all = { shape, data: new Float32Array(shape[0] * size) };
    this.#known = new Uint8Array(shape[0]);
    this.#size = size;
  }

  put(indices: Uint32Array, { data }: Tensor): void {
    for (const [at, index] of indices.entries()) {
      this.#all.data.set(data.subarray(at * this.#size, (at + 1) * this.#size), index * this.#size);
      this.#known[index] = 1;
    }
  }

  /** Undefined where one of them is not known. */
  of(indices: Uint32Array): Tensor | undefined {
    return indices.every((index) => this.#known[index] === 1) ? takeSamples(this.#all, indices) : undefined;
  }
}
