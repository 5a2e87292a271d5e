import { type Parameter, sizeOf } from '../model/parameter.ts';

/** Some of a parameter's values, from number `from` on, in memory that is used again for others. */
export interface Block {
  readonly from: number;
  readonly values: Float32Array;
}

/** Gives the values of parameters a block after the other. */
export class Blocks {
  readonly #buffers: readonly [Float32Array, Float32Array];
  /** What can only be read whole and was so last: the next matrix may lie in the same tensor. */
  #whole: { readonly parameter: Parameter; readonly values: Float32Array } | undefined;

  constructor(buffers: readonly [Float32Array, Float32Array]) {
    this.#buffers = buffers;
  }

  /** The values number [from, to); while one block is looked at, the next is read. */
  async *of(parameter: Parameter, from = 0, to = sizeOf(parameter.shape)): AsyncGenerator<Block> {
    const [own] = this.#buffers;
    const { length } = own;
    if (parameter.readPart) {
      yield* this.#parts(parameter.readPart, from, to);
      return;
    }
    const values = await this.#read(parameter);
    for (let at = from; at < to; at += length) {
      const part = values.subarray(at, Math.min(to, at + length));
      own.set(part);
      yield { from: at, values: own.subarray(0, part.length) };
    }
  }

  async *#parts(
    readPart: (from: number, target: Float32Array) => Promise<void>,
    from: number,
    to: number,
  ): AsyncGenerator<Block> {
    const { length } = this.#buffers[0];
    const read = (at: number) => {
      const target = this.#buffers[((at - from) / length) % 2].subarray(0, to - at);
      const done = readPart(at, target).then(() => ({ from: at, values: target }));
      // Whoever waits for it gets the error; until then it is nobody's.
      done.catch(() => {});
      return done;
    };
    let next = from < to ? read(from) : undefined;
    try {
      for (let at = from; next; at += length) {
        const block = await next;
        next = at + length < to ? read(at + length) : undefined;
        yield block;
      }
    } finally {
      // Who stops early may use the buffers for something else.
      await next?.catch(() => {});
    }
  }

  async #read(parameter: Parameter): Promise<Float32Array> {
    if (this.#whole?.parameter !== parameter) {
      // Of two large ones one is in memory at a time.
      this.#whole = undefined;
      this.#whole = { parameter, values: await parameter.read() };
    }
    return this.#whole.values;
  }
}
