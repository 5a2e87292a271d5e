import type { Parameter } from '../model/parameter.ts';
import { isSameSpan, type Span } from './spans.ts';

/** Some of a parameter's values, from number `from` on, in memory that is used again for others. */
export interface Block {
  readonly from: number;
  readonly values: Float32Array;
}

/** The block from value `at` on of the span number `index` of the plan. */
interface Read {
  readonly index: number;
  readonly at: number;
  readonly block: Promise<Block>;
}

/**
 * Gives the values of parameters a block after the other. While one is looked at the next ones are read, those of the next matrix, too:
 * so reading and looking have a core each, and one seldom waits for the other.
 */
export class Blocks {
  readonly #buffers: readonly Float32Array[];
  #plan: readonly Span[] = [];
  /** Of the plan, what was asked for last. */
  #current = 0;
  #ahead: Read[] = [];
  /** Where the next read begins. */
  #next: Pick<Read, 'index' | 'at'> = { index: 0, at: 0 };
  #reads = 0;
  /** What can only be read whole and was so last: the next matrix may lie in the same tensor. */
  #whole: { readonly parameter: Parameter; readonly values: Float32Array } | undefined;

  /** @param buffers two or more of one length */
  constructor(buffers: readonly Float32Array[]) {
    this.#buffers = buffers;
  }

  /** Tells what will be asked for, and in which order. Whoever asks for something else gets it, but nothing is read ahead of the next. */
  expect(plan: readonly Span[]): void {
    this.#plan = plan.filter(({ from, to }) => from < to);
    this.#current = 0;
  }

  /** The blocks of a span. */
  async *of(span: Span): AsyncGenerator<Block> {
    if (!span.parameter.readPart) {
      yield* this.#partsOfWhole(span);
      return;
    }
    if (span.from < span.to && !this.#begins(span)) await this.#turnTo(span);
    for (let at = span.from; at < span.to; at += this.#buffers[0].length) {
      // What was given last has been looked at, so all buffers may be read into.
      this.#readAhead();
      this.#current = this.#ahead[0].index;
      const block = await this.#ahead[0].block;
      this.#ahead.shift();
      yield block;
    }
  }

  /** Waits until nothing is being read any more. */
  async settle(): Promise<void> {
    const reads = this.#ahead.splice(0);
    await Promise.allSettled(reads.map(({ block }) => block));
  }

  #begins(span: Span): boolean {
    const [first] = this.#ahead;
    return first?.at === span.from && isSameSpan(this.#plan[first.index], span);
  }

  async #turnTo(span: Span): Promise<void> {
    await this.settle();
    const index = this.#plan.findIndex((one, i) => i >= this.#current && isSameSpan(one, span));
    if (index < 0) this.expect([span]);
    this.#next = { index: Math.max(0, index), at: span.from };
  }

  #readAhead(): void {
    while (this.#ahead.length < this.#buffers.length) {
      const { index, at } = this.#next;
      const span = this.#plan.at(index);
      if (!span?.parameter.readPart) return;
      const target = this.#buffers[this.#reads++ % this.#buffers.length].subarray(0, span.to - at);
      const block = span.parameter.readPart(at, target).then(() => ({ from: at, values: target }));
      // Whoever waits for it gets the error; until then it is nobody's.
      block.catch(() => {});
      this.#ahead.push({ index, at, block });
      const end = at + target.length;
      this.#next =
        end < span.to ? { index, at: end } : { index: index + 1, at: this.#plan[index + 1]?.from ?? 0 };
    }
  }

  async *#partsOfWhole({ parameter, from, to }: Span): AsyncGenerator<Block> {
    // A buffer that is being read into cannot be used.
    await this.settle();
    const [own] = this.#buffers;
    const values = await this.#read(parameter);
    for (let at = from; at < to; at += own.length) {
      const part = values.subarray(at, Math.min(to, at + own.length));
      own.set(part);
      yield { from: at, values: own.subarray(0, part.length) };
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
