import { intOf } from '../attributes.ts';
import { dataTypes, type OnnxGraph, type OnnxNode, type OnnxTensor } from '../proto.ts';
import { computedTensor } from './computed.ts';
import { type Folded, wholeTensor } from './folded.ts';
import { type Constants, foldNode } from './foldNode.ts';
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
  readonly #computes: boolean;
  readonly #computed = new Map<string, Folded | undefined>();

  private constructor(
    nodes: readonly OnnxNode[],
    initializers: ReadonlyMap<string, OnnxTensor>,
    inner: ReadonlySet<string>,
    around: Scope | undefined,
    computes = false,
  ) {
    this.nodes = nodes;
    this.#initializers = initializers;
    this.#computes = computes;
    this.#produced = new Map(
      nodes.flatMap((node) => node.outputs.map((name, output) => [name, { node, output }] as const)),
    );
    this.#outer = (name) => (inner.has(name) ? undefined : around);
  }

  /**
   * Of a graph; the body of an If, Loop or Scan sees the names around it, too.
   * @param computes whether a node stands at one place of the file, where what it computes could be written
   */
  static graph(
    { nodes, initializers, inputs }: OnnxGraph,
    around?: Scope,
    computes = around ? around.#computes : false,
  ): Scope {
    const inner = new Set(inputs.map(({ name }) => name));
    return new Scope(nodes, initializers, inner, around, computes);
  }

  /** The constant behind a name, where it is an index map over tensors of the file. */
  folded(name: string, depth = 0): Folded | undefined {
    return this.#once(this.#folded, name, depth, () => {
      const own = this.#initializers.get(name);
      if (own) return wholeTensor(own);
      const produced = this.#produced.get(name);
      if (!produced) return this.#outer(name)?.folded(name, depth + 1);
      return foldNode(produced.node, produced.output, this.#constants('folded', depth + 1));
    });
  }

  /** The same, over what nodes compute of constants, too. */
  computed(name: string, depth = 0): Folded | undefined {
    return this.#once(this.#computed, name, depth, () => {
      const moved = this.folded(name, depth);
      if (moved) return moved;
      const produced = this.#produced.get(name);
      if (!produced) return this.#outer(name)?.computed(name, depth + 1);
      const { node, output } = produced;
      const constants = this.#constants('computed', depth + 1);
      const found = foldNode(node, output, constants);
      if (found || !this.#computes) return found;
      const tensor = computedTensor(node, {
        ...constants,
        isFloat32: (input) => this.#isFloat32(input, depth + 1),
      });
      return tensor && wholeTensor(tensor);
    });
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

  #once(
    known: Map<string, Folded | undefined>,
    name: string,
    depth: number,
    find: () => Folded | undefined,
  ): Folded | undefined {
    if (name === '' || depth > deepest) return undefined;
    if (known.has(name)) return known.get(name);
    // A name that depends on itself is no constant.
    known.set(name, undefined);
    const found = find();
    known.set(name, found);
    return found;
  }

  #constants(kind: 'folded' | 'computed', depth: number): Constants {
    return {
      folded: (input) => this[kind](input, depth),
      numbers: (input) => this.numbers(input, depth),
    };
  }

  /** Whether a constant is float32 where it is read: a Cast moves values of other types. */
  #isFloat32(name: string, depth: number): boolean {
    if (depth > deepest) return false;
    const own = this.#initializers.get(name);
    if (own) return own.dataType === dataTypes.float32;
    const node = this.#produced.get(name)?.node;
    const around = this.#outer(name);
    if (!node) return around ? around.#isFloat32(name, depth + 1) : false;
    const constant = node.attributes.get('value')?.tensor;
    if (constant) return constant.dataType === dataTypes.float32;
    if (node.opType === 'Cast') return intOf(node, 'to', 0) === dataTypes.float32;
    const typed = node.opType === 'Where' || node.opType === 'DequantizeLinear' ? 1 : 0;
    return this.#isFloat32(node.inputs[typed] ?? '', depth + 1);
  }
}
