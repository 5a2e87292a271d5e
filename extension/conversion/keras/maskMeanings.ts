import type { Graph, GraphNode, ValueName } from '../../model/graph.ts';

/** What a mask says of which values: the same of two that are computed alike. */
export type MaskMeaning = string;
export type MaskJoin = 'And' | 'Or' | 'Concat';

/** A float32 that no step of a sequence is made of: a Masking of it marks every step as real. */
export const never = 3e38;

/** Of a mask that marks every step as real. */
export const allReal: MaskMeaning = 'all real';

/** The meanings of a graph's masks. */
export class MaskMeanings {
  readonly #ofValues = new Map<ValueName, MaskMeaning>();
  readonly #joined = new Map<string, MaskMeaning>();
  readonly #parts = new Map<MaskMeaning, { readonly op: MaskJoin; readonly of: readonly MaskMeaning[] }>();

  constructor(nodes: readonly GraphNode[]) {
    for (const node of nodes) {
      const [output] = node.outputs;
      if (output !== undefined) this.#ofValues.set(output, this.#meaningOf(node, output));
    }
  }

  of(mask: ValueName): MaskMeaning {
    return this.#ofValues.get(mask) ?? mask;
  }

  /** Masks that become one: that of steps which any, or all of them mark, in whatever order, or one behind the other along the steps. */
  joined(op: MaskJoin, masks: readonly MaskMeaning[]): MaskMeaning {
    const parts = op === 'Concat' ? masks : this.#unordered(op, masks);
    if (parts.length === 1) return parts[0];
    const key = JSON.stringify([op, ...parts]);
    // Named by a number, or masks of masks would make ever longer names.
    const meaning = this.#joined.get(key) ?? `joined ${this.#joined.size}`;
    this.#joined.set(key, meaning);
    this.#parts.set(meaning, { op, of: parts });
    return meaning;
  }

  #unordered(op: MaskJoin, masks: readonly MaskMeaning[]): readonly MaskMeaning[] {
    const parts = masks.flatMap((mask) => {
      const made = this.#parts.get(mask);
      return made?.op === op ? made.of : [mask];
    });
    return [...new Set(parts)].toSorted();
  }

  #meaningOf(node: GraphNode, output: ValueName): MaskMeaning {
    const parts = node.inputs.map((input) => this.of(input));
    if (node.op === 'And' || node.op === 'Or' || node.op === 'Concat') return this.joined(node.op, parts);
    if (node.op === 'Reverse' && parts[0] === allReal) return allReal;
    if (node.op !== 'NotEqualMask') return output;
    if (node.overFeatures && node.value === never) return allReal;
    return `${node.inputs[0]} is not ${node.value}${node.overFeatures ? ' in a feature' : ''}`;
  }
}

/** The graph whose nodes read no mask that marks every step. */
export function withoutIdleMasks(graph: Graph): Graph {
  const meanings = new MaskMeanings(graph.nodes);
  const nodes = graph.nodes.map((node): GraphNode => {
    if (!('mask' in node) || node.mask === undefined || meanings.of(node.mask) !== allReal) return node;
    const { mask, ...bare } = node;
    return bare as GraphNode;
  });
  return { ...graph, nodes };
}
