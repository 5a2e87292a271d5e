import { intOf } from '../attributes.ts';
import { dataTypes, type OnnxGraph, type OnnxNode, type OnnxTensor } from '../proto.ts';
import { type Budget, computedTensor } from './computed.ts';
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
  readonly #budget: Budget | undefined;
  readonly #computed = new Map<string, Folded | undefined>();

  private constructor(
    nodes: readonly OnnxNode[],
    initializers: ReadonlyMap<string, OnnxTensor>,
    inner: ReadonlySet<string>,
    around: Scope | undefined,
    budget: Budget | undefined,
  ) {
    this.nodes = nodes;
    this.#initializers = initializers;
    this.#budget = budget;
    this.#produced = new Map(
      nodes.flatMap((node) => node.outputs.map((name, output) => [name, { node, output }] as const)),
    );
    this.#outer = (name) => (inner.has(name) ? undefined : around);
  }

  /**
   * Of a graph; the body of an If, Loop or Scan sees the names around it, too.
   * @param budget for what nodes compute; absent where a node may stand at no place of the file, at which that could be written
   */
  static graph(
    { nodes, initializers, inputs }: OnnxGraph,
    around?: Scope,
    budget = around ? around.#budget : undefined,
  ): Scope {
    const inner = new Set(inputs.map(({ name }) => name));
    return new Scope(nodes, initializers, inner, around, budget);
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
      if (found || !this.#budget) return found;
      const isFloat32 = (input: string) => this.#typeOf(input, depth + 1) === dataTypes.float32;
      const tensor = computedTensor(node, { ...constants, isFloat32 }, this.#budget);
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

  /** TensorProto.DataType of a constant where it is read; undefined where values were rounded to another one on the way. */
  #typeOf(name: string, depth: number): number | undefined {
    if (depth > deepest) return undefined;
    const own = this.#initializers.get(name);
    if (own) return own.dataType;
    const node = this.#produced.get(name)?.node;
    const around = this.#outer(name);
    if (!node) return around ? around.#typeOf(name, depth + 1) : undefined;
    const constant = node.attributes.get('value')?.tensor;
    if (constant) return constant.dataType;
    const typed = node.opType === 'Where' || node.opType === 'DequantizeLinear' ? 1 : 0;
    const type = this.#typeOf(node.inputs[typed] ?? '', depth + 1);
    const to = node.opType === 'Cast' ? intOf(node, 'to', 0) : type;
    return to === type || (type !== undefined && to === dataTypes.float32) ? to : undefined;
  }
}
