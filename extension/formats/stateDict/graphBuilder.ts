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
  #mask: ValueName | undefined;
  /** The model puts out every step. */
  readonly isSequential: boolean;

  constructor(isSequential: boolean) {
    this.isSequential = isSequential;
  }

  /** Where the next layer reads. */
  get flow(): Flow {
    return this.#flow;
  }

  /** Whether a layer has said what the model takes. */
  get isBegun(): boolean {
    return this.#input !== undefined;
  }

  /** The mask [B,T] of steps that are no padding; undefined where every step counts. */
  get mask(): ValueName | undefined {
    return this.#mask;
  }

  /** The first layer takes features [B,T,width], or token ids [B,T] of a vocabulary. Does nothing for those behind it. */
  begin(takes: { readonly width: number } | { readonly vocabulary: number }, padding?: number): void {
    if (this.#input) return;
    const overFeatures = 'width' in takes;
    this.#input = overFeatures
      ? { name: 'input', shape: [null, null, takes.width], dtype: 'float32' }
      : { name: 'input', shape: [null, null], dtype: 'int32', vocabulary: takes.vocabulary };
    if (padding !== undefined)
      this.#mask = this.node('padding', ['input'], { op: 'NotEqualMask', value: padding, overFeatures });
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
    const { value, isSequence } = this.#flow;
    const mask = isSequence && this.#mask !== undefined && { mask: this.#mask };
    return { inputs: [this.#input], nodes: this.#nodes, outputs: [{ name: value, ...mask }] };
  }
}
