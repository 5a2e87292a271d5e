import type { Graph, GraphInput, GraphNode, ValueName } from '../../model/graph.ts';

/** What the next layer reads: a sequence [B,T,…], or of one that was summed up [B,…]. */
export interface Flow {
  readonly value: ValueName;
  readonly isSequence: boolean;
  /** Where a recurrent module has just put the sequence out: the last outputs [B,P] of its directions. */
  readonly ends?: readonly ValueName[];
}

type NodeWithoutPlace<N = GraphNode> = N extends GraphNode ? Omit<N, 'inputs' | 'outputs' | 'origin'> : never;

/** Collects the nodes of layers that follow each other. */
export class GraphBuilder {
  readonly #nodes: GraphNode[] = [];
  #input: GraphInput | undefined;
  #flow: Flow = { value: 'input', isSequence: true };

  /** Where the next layer reads. */
  get flow(): Flow {
    return this.#flow;
  }

  /** Whether a layer has said what the model takes. */
  get isBegun(): boolean {
    return this.#input !== undefined;
  }

  /** The first layer takes features [B,T,width]. */
  beginFeatures(width: number): void {
    this.#input ??= { name: 'input', shape: [null, null, width], dtype: 'float32' };
  }

  /** The first layer takes token ids [B,T]. */
  beginTokens(vocabulary: number): void {
    this.#input ??= { name: 'input', shape: [null, null], dtype: 'int32', vocabulary };
  }

  /** A name for a new value of a layer. */
  fresh(origin: string): ValueName {
    return `${origin}:${this.#nodes.length}`;
  }

  push(node: GraphNode): void {
    this.#nodes.push(node);
  }

  /** A node that reads some values and puts out one. */
  node(origin: string, inputs: readonly ValueName[], node: NodeWithoutPlace): ValueName {
    const output = this.fresh(origin);
    this.#nodes.push({ ...node, inputs, outputs: [output], origin } as GraphNode);
    return output;
  }

  /** A node that every step, or the whole, goes through by itself. */
  through(origin: string, node: NodeWithoutPlace): void {
    const { value, isSequence } = this.#flow;
    this.#flow = { value: this.node(origin, [value], node), isSequence };
  }

  goOn(flow: Flow): void {
    this.#flow = flow;
  }

  graph(): Graph {
    if (!this.#input) throw new Error('no layer says what the model takes');
    return { inputs: [this.#input], nodes: this.#nodes, outputs: [{ name: this.#flow.value }] };
  }
}
