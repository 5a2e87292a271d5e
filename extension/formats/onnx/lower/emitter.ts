import type { GraphNode, ValueName } from '../../../model/graph.ts';
import { type Length, sameLength } from './lengths.ts';
import type { Place } from './values.ts';

/** A node without what the emitter fills in. */
export type BareNode = GraphNode extends infer Node
  ? Node extends GraphNode
    ? Omit<Node, 'outputs' | 'origin'>
    : never
  : never;

/** The graph that comes to be, with the shapes of its values. */
export class Emitter {
  readonly nodes: GraphNode[] = [];
  readonly #shapes = new Map<ValueName, readonly Place[]>();
  /** Where in `nodes` each value is computed. */
  readonly #producers = new Map<ValueName, number>();

  /** Names a value that is there before any node: an input. */
  input(name: string, shape: readonly Place[]): ValueName {
    return this.#named(name, shape);
  }

  /**
   * Adds a node with one output.
   * @param hint what the value is called in the file, or nearly
   */
  add(node: BareNode, shape: readonly Place[], origin: string, hint: string): ValueName {
    return this.addAll(node, [shape], origin, [hint])[0];
  }

  addAll(
    node: BareNode,
    shapes: readonly (readonly Place[])[],
    origin: string,
    hints: readonly string[],
  ): ValueName[] {
    const outputs = shapes.map((shape, i) => this.#named(hints[i], shape));
    for (const name of outputs) this.#producers.set(name, this.nodes.length);
    this.nodes.push({ ...node, outputs, origin } as GraphNode);
    return outputs;
  }

  /** Puts another node in the place of the one that computes a value. */
  replace(name: ValueName, change: (node: GraphNode) => GraphNode): void {
    const at = this.#producers.get(name);
    if (at !== undefined) this.nodes[at] = change(this.nodes[at]);
  }

  producer(name: ValueName): GraphNode | undefined {
    const at = this.#producers.get(name);
    return at === undefined ? undefined : this.nodes[at];
  }

  shape(name: ValueName): readonly Place[] {
    return this.#shapes.get(name) ?? [];
  }

  /** A value of which some axis has this length. */
  withLength(length: Length): { readonly value: ValueName; readonly axis: number } | undefined {
    for (const [value, shape] of this.#shapes) {
      const axis = shape.findIndex((place) => sameLength(place.length, length));
      if (axis !== -1) return { value, axis };
    }
    return undefined;
  }

  /** A value whose steps, behind the batch, are so many. */
  withSteps(length: Length): ValueName | undefined {
    const found = [...this.#shapes].find(([, [, steps]]) => steps && sameLength(steps.length, length));
    return found?.[0];
  }

  #named(hint: string, shape: readonly Place[]): ValueName {
    let name = hint;
    for (let i = 2; this.#shapes.has(name); i++) name = `${hint} (${i})`;
    this.#shapes.set(name, shape);
    return name;
  }
}
