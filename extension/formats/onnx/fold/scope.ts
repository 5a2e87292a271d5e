import type { OnnxGraph, OnnxNode, OnnxTensor } from '../proto.ts';
import { type Folded, wholeTensor } from './folded.ts';
import { foldNode } from './foldNode.ts';
import { numbersOfNode } from './foldNumbers.ts';

/** Chains of more nodes than this lead to no weights. */
const deepest = 256;

interface Produced {
  readonly node: OnnxNode;
  readonly output: number;
}

/** The names that the nodes of one graph see, and the constants behind them. */
export class Scope {
  readonly nodes: readonly OnnxNode[];
  readonly #initializers: ReadonlyMap<string, OnnxTensor>;
  readonly #produced: ReadonlyMap<string, Produced>;
  readonly #outer: (name: string) => Scope | undefined;
  readonly #folded = new Map<string, Folded | undefined>();

  private constructor(
    nodes: readonly OnnxNode[],
    initializers: ReadonlyMap<string, OnnxTensor>,
    inner: ReadonlySet<string>,
    around: Scope | undefined,
  ) {
    this.nodes = nodes;
    this.#initializers = initializers;
    this.#produced = new Map(
      nodes.flatMap((node) => node.outputs.map((name, output) => [name, { node, output }] as const)),
    );
    this.#outer = (name) => (inner.has(name) ? undefined : around);
  }

  /** Of a graph; the body of an If, Loop or Scan sees the names around it, too. */
  static graph({ nodes, initializers, inputs }: OnnxGraph, around?: Scope): Scope {
    const inner = new Set(inputs.map(({ name }) => name));
    return new Scope(nodes, initializers, inner, around);
  }

  /** The constant behind a name, where it is an index map over tensors of the file. */
  folded(name: string, depth = 0): Folded | undefined {
    if (name === '' || depth > deepest) return undefined;
    if (this.#folded.has(name)) return this.#folded.get(name);
    // A name that depends on itself is no constant.
    this.#folded.set(name, undefined);
    const found = this.#fold(name, depth);
    this.#folded.set(name, found);
    return found;
  }

  /** The numbers behind a name of few constants, such as the bounds of a Slice. */
  numbers(name: string, depth = 0): readonly number[] | undefined {
    if (name === '' || depth > deepest) return undefined;
    const own = this.#initializers.get(name);
    if (own) return own.small;
    const produced = this.#produced.get(name);
    if (produced) {
      return numbersOfNode(
        produced.node,
        (input) => this.numbers(input, depth + 1),
        (input) => this.#shape(input, depth + 1),
      );
    }
    return this.#outer(name)?.numbers(name, depth + 1);
  }

  /** The node that computes a value, for messages. */
  producer(name: string): OnnxNode | undefined {
    return this.#produced.get(name)?.node ?? this.#outer(name)?.producer(name);
  }

  /** The lengths of a constant, or of one number at all places of a constant shape, as zeros for an initial state are. */
  #shape(name: string, depth: number): readonly number[] | undefined {
    const known = this.folded(name, depth)?.shape;
    const node = this.#produced.get(name)?.node;
    if (known || node?.domain !== '') return known;
    if (node.opType === 'ConstantOfShape') return this.numbers(node.inputs[0] ?? '', depth);
    const isNumber = node.opType === 'Expand' && this.folded(node.inputs[0] ?? '', depth)?.shape.length === 0;
    return isNumber ? this.numbers(node.inputs[1] ?? '', depth) : undefined;
  }

  #fold(name: string, depth: number): Folded | undefined {
    const own = this.#initializers.get(name);
    if (own) return wholeTensor(own);
    const produced = this.#produced.get(name);
    if (produced) {
      const { node, output } = produced;
      return foldNode(node, output, {
        folded: (input) => this.folded(input, depth + 1),
        numbers: (input) => this.numbers(input, depth + 1),
      });
    }
    return this.#outer(name)?.folded(name, depth + 1);
  }
}
