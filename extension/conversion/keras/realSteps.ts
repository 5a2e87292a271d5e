import type { Graph, GraphNode, ValueName } from '../../model/graph.ts';
import type { Parameter } from '../../model/parameter.ts';
import type { Shape } from '../../ops/shape.ts';

type Mask = Extract<GraphNode, { op: 'NotEqualMask' }>;

/**
 * Masks as values [B,T,1]: 1 at steps that are real, 0 at the others. Neither format has a layer that tells a mask, but layers that say the
 * same of what the mask is made of: of token ids an Embedding, of features a Masking over a column of ones.
 */
export class RealSteps {
  readonly #graph: Graph;
  readonly #shapes: ReadonlyMap<ValueName, Shape>;
  readonly #add: (node: GraphNode) => void;
  readonly #made = new Map<ValueName, ValueName>();

  /** @param add takes the nodes that make such a value, each once */
  constructor(graph: Graph, shapes: ReadonlyMap<ValueName, Shape>, add: (node: GraphNode) => void) {
    this.#graph = graph;
    this.#shapes = shapes;
    this.#add = add;
  }

  /** Whether there are such layers for a mask. */
  has(mask: ValueName): boolean {
    const node = this.#maker(mask);
    return node !== undefined && this.#size(node) !== undefined;
  }

  /** The value of a mask; undefined where there are no such layers. */
  of(mask: ValueName): ValueName | undefined {
    const known = this.#made.get(mask);
    const node = this.#maker(mask);
    const size = node && this.#size(node);
    if (known !== undefined || !node || size === undefined) return known;
    const value = node.overFeatures ? this.#ofFeatures(node, size) : this.#ofIds(node, size);
    this.#made.set(mask, value);
    return value;
  }

  #maker(mask: ValueName): Mask | undefined {
    const node = this.#graph.nodes.find(({ outputs }) => outputs[0] === mask);
    return node?.op === 'NotEqualMask' ? node : undefined;
  }

  /** How many ids there are, or features. */
  #size({ inputs: [x], overFeatures }: Mask): number | undefined {
    if (overFeatures) return this.#shapes.get(x)?.[2] ?? undefined;
    return this.#graph.inputs.find(({ name }) => name === x)?.vocabulary;
  }

  /** By a table of ones, with 0 in the row of the id that is no step. */
  #ofIds({ inputs: [ids], outputs: [mask], value, origin }: Mask, vocabulary: number): ValueName {
    const table = constant(`${mask}/table`, [vocabulary, 1], (row) => (row === value ? 0 : 1));
    const output = `${mask} real`;
    this.#add({ op: 'Gather', inputs: [ids], outputs: [output], origin: `${origin}_real`, table });
    return output;
  }

  /**
   * What differs from the value by as little as float32 can becomes, by a tanh of its difference times a power of two, so large that 1 added
   * to it is not 1. So a Masking of 1 masks the same steps, beside a column that is always 1, which then is the mask.
   */
  #ofFeatures({ inputs: [x], outputs: [mask], value, origin }: Mask, width: number): ValueName {
    // So that the value itself, times that, is a float32.
    const scale = 2 ** Math.min(100, 126 - Math.ceil(Math.log2(Math.abs(value) + 1)));
    const base = { origin: `${origin}_real` };
    const named = (name: string) => `${mask} ${name}`;
    const dense = (from: ValueName, to: ValueName, [rows, columns]: Size, kernel: At, bias: number) => {
      const weight = constant(`${to}/kernel`, [rows, columns], kernel);
      const biases = constant(`${to}/bias`, [columns], () => bias);
      this.#add({ ...base, op: 'MatMul', inputs: [from], outputs: [to], weight, bias: biases });
    };
    const diagonal =
      (factor: number): At =>
      (row, column) =>
        row === column ? factor : 0;
    const [differences, signs, beside, own, ones, real] = [
      'differences',
      'signs',
      'beside',
      'own',
      'ones',
      'real',
    ].map(named);
    dense(x, differences, [width, width], diagonal(scale), -value * scale);
    const activation = { op: 'Tanh' } as const;
    this.#add({ ...base, op: 'Activation', inputs: [differences], outputs: [signs], activation });
    dense(signs, beside, [width, width + 1], diagonal(2 ** 60), 1);
    this.#add({
      ...base,
      op: 'NotEqualMask',
      inputs: [beside],
      outputs: [own],
      value: 1,
      overFeatures: true,
    });
    this.#add({ ...base, op: 'ApplyMask', inputs: [beside, own], outputs: [ones] });
    dense(ones, real, [width + 1, 1], (row) => (row === width ? 1 : 0), 0);
    return real;
  }
}

type Size = readonly [rows: number, columns: number];
type At = (row: number, column: number) => number;

/** Weights that are computed, and that no training changes. */
function constant(name: string, shape: Size | readonly [number], at: At): Parameter {
  const [rows, columns = 1] = shape;
  const read = async () =>
    Float32Array.from({ length: rows * columns }, (_, i) => at(Math.floor(i / columns), i % columns));
  return { name, shape, dtype: 'float32', trainable: false, inNoArray: true, read };
}
