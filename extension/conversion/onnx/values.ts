import type { Graph, GraphNode, ValueName } from '../../model/graph.ts';
import type { OnnxBuilder } from './builder.ts';

/** What each value of the graph is called in ONNX, and how it lies there: batch first, or steps first where a layer left it so. */
export class Values {
  readonly #b: OnnxBuilder;
  readonly #names = new Map<ValueName, string>();
  readonly #timeMajor = new Map<ValueName, string>();
  readonly #masks = new Map<ValueName, string>();
  readonly #producers = new Map<ValueName, GraphNode>();
  readonly #read: ReadonlySet<ValueName>;

  constructor(b: OnnxBuilder, { nodes, outputs }: Graph) {
    this.#b = b;
    for (const node of nodes) for (const output of node.outputs) this.#producers.set(output, node);
    this.#read = new Set([...nodes.flatMap(({ inputs }) => inputs), ...outputs.map(({ name }) => name)]);
  }

  producerOf(value: ValueName): GraphNode | undefined {
    return this.#producers.get(value);
  }

  /** Whether a node or an output reads the value. */
  isRead(value: ValueName): boolean {
    return this.#read.has(value);
  }

  set(value: ValueName, name: string): void {
    this.#names.set(value, name);
  }

  /** A value that is there as [T,B,…] first. */
  setTimeMajor(value: ValueName, name: string): void {
    this.#timeMajor.set(value, name);
  }

  /** Truth values [B,T]. */
  setMask(value: ValueName, name: string): void {
    this.#masks.set(value, name);
  }

  /** The value, batch first. */
  of(value: ValueName): string {
    const known = this.#names.get(value);
    if (known !== undefined) return known;
    const mask = this.#masks.get(value);
    const name =
      mask === undefined
        ? this.#turned(this.#timeMajor, value)
        : this.#b.add('Cast', [mask], { to: { int: 1 } });
    this.#names.set(value, name);
    return name;
  }

  /** A sequence as [T,B,I]. */
  timeMajor(value: ValueName): string {
    const known = this.#timeMajor.get(value);
    if (known !== undefined) return known;
    const name = this.#turned(this.#names, value);
    this.#timeMajor.set(value, name);
    return name;
  }

  /** A mask as truth values [B,T]. */
  mask(value: ValueName): string {
    const name = this.#masks.get(value);
    if (name !== undefined) return name;
    // A mask that is not made here, such as an input, is numbers.
    const made = this.#b.add('Cast', [this.of(value)], { to: { int: 9 } });
    this.#masks.set(value, made);
    return made;
  }

  #turned(from: ReadonlyMap<ValueName, string>, value: ValueName): string {
    const name = from.get(value);
    if (name === undefined) throw new Error(`${value} is read before it is there`);
    return this.#b.add('Transpose', [name], { perm: { ints: [1, 0, 2] } });
  }
}
