import type { Graph, GraphNode, ValueName } from '../../model/graph.ts';

/** Who makes and who reads each value of a graph. */
export class Links {
  readonly #producers = new Map<ValueName, GraphNode>();
  readonly #readers = new Map<ValueName, GraphNode[]>();
  readonly #outputs: ReadonlySet<ValueName>;

  readonly nodes: readonly GraphNode[];

  constructor({ nodes, outputs }: Graph) {
    this.nodes = nodes;
    this.#outputs = new Set(outputs.map(({ name }) => name));
    for (const node of nodes) {
      for (const output of node.outputs) this.#producers.set(output, node);
      for (const input of node.inputs) this.#readers.set(input, [...this.readers(input), node]);
    }
  }

  producer(value: ValueName | undefined): GraphNode | undefined {
    return value === undefined ? undefined : this.#producers.get(value);
  }

  /** As often as they read it. */
  readers(value: ValueName | undefined): readonly GraphNode[] {
    return (value === undefined ? undefined : this.#readers.get(value)) ?? [];
  }

  isOutput(value: ValueName): boolean {
    return this.#outputs.has(value);
  }
}
