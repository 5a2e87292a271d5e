import type { Graph, GraphNode, ValueName } from '../../model/graph.ts';
import { readsOf } from '../../model/reads.ts';
import type { Dialect } from './description.ts';
import type { Links } from './links.ts';
import { allReal, type MaskMeaning, MaskMeanings } from './maskMeanings.ts';

/** Layers that hand on the mask of their first tensor in Keras 3 (supports_masking), and those that do so in TensorFlow.js 4.22. */
const handing: Record<Dialect, ReadonlySet<string>> = {
  keras: new Set([
    'Activation',
    'AdditiveAttention',
    'Attention',
    'BatchNormalization',
    'Dense',
    'Dropout',
    'ELU',
    'GroupNormalization',
    'LayerNormalization',
    'LeakyReLU',
    'PReLU',
    'ReLU',
    'Rescaling',
    'Softmax',
    'SpatialDropout1D',
    'TimeDistributed',
    'UnitNormalization',
  ]),
  tfjs: new Set([
    'Activation',
    'BatchNormalization',
    'Dense',
    'Dropout',
    'LayerNormalization',
    'PReLU',
    'ReLU',
    'TimeDistributed',
  ]),
};
const merges: ReadonlySet<string> = new Set(['Add', 'Subtract', 'Multiply', 'Average', 'Maximum', 'Minimum']);

/** Layers that look at the masks of what they read, behind the recurrent ones. */
const looking: Record<Dialect, ReadonlySet<string>> = {
  keras: new Set([
    'AdditiveAttention',
    'Attention',
    'GlobalAveragePooling1D',
    'Maximum',
    'Minimum',
    'Multiply',
    'Softmax',
  ]),
  // What its merges hand on has an axis too many. Keras' pooling, where it reads the model, takes masked steps out.
  tfjs: new Set([...merges, 'GlobalAveragePooling1D']),
};

/**
 * The masks that the layers of a format hand on by themselves, whatever the graph wants, each by what it says of which values
 * (`MaskMeanings`).
 */
export class HandedMasks {
  readonly #meanings: MaskMeanings;
  readonly #dialect: Dialect;
  readonly #masks = new Map<ValueName, MaskMeaning>();
  readonly #tables = new Map<GraphNode, MaskMeaning>();
  readonly #ofTables = new Set<ValueName>();
  /** Whether some layer makes a mask. */
  readonly makesMasks: boolean;

  constructor({ nodes }: Graph, links: Links, dialect: Dialect) {
    this.#meanings = new MaskMeanings(nodes);
    this.#dialect = dialect;
    for (const node of nodes) {
      if (node.op !== 'NotEqualMask' || node.overFeatures || node.value !== 0) continue;
      const tables = links
        .readers(node.inputs[0])
        .filter((one) => one.op === 'Gather' && !this.#tables.has(one));
      const table = tables.find(({ origin }) => origin === node.origin) ?? tables[0];
      if (!table) continue;
      const [mask] = node.outputs;
      this.#ofTables.add(mask);
      // A mask that marks steps of the loss alone would reach layers which do without one.
      if (dialect === 'keras' || nodes.some((one) => readsOf(one).includes(mask)))
        this.#tables.set(table, this.#meanings.of(mask));
    }
    const isMasking = (node: GraphNode) => node.op === 'NotEqualMask' && !this.#ofTables.has(node.outputs[0]);
    this.makesMasks = this.#tables.size > 0 || nodes.some(isMasking);
  }

  /** Whether it is the mask of an Embedding. */
  isOfTable(mask: ValueName): boolean {
    return this.#ofTables.has(mask);
  }

  /** Whether an Embedding makes a mask. */
  isMasking(table: GraphNode): boolean {
    return this.#tables.has(table);
  }

  /** The mask that comes with a value. */
  of(value: ValueName | undefined): MaskMeaning | undefined {
    return value === undefined ? undefined : this.#masks.get(value);
  }

  set(value: ValueName, mask: MaskMeaning | undefined): void {
    if (mask !== undefined) this.#masks.set(value, mask);
  }

  /** The value comes out of a layer that makes this mask of the graph. */
  begin(value: ValueName, mask: ValueName): void {
    this.set(value, this.#meanings.of(mask));
  }

  /** What a mask of the graph says; undefined of none, and of one that marks every step. */
  wanted(mask: ValueName | undefined): MaskMeaning | undefined {
    const meaning = mask === undefined ? undefined : this.#meanings.of(mask);
    return meaning === allReal ? undefined : meaning;
  }

  /** Whether a layer computes something else where its tensors come with masks. */
  isHeeded(className: string): boolean {
    return looking[this.#dialect].has(className);
  }

  /**
   * Notes the mask of what a layer puts out, which is no recurrent one.
   * @param given masks that come with its tensors
   */
  pass(node: GraphNode, className: string, given: readonly (MaskMeaning | undefined)[]): void {
    this.set(node.outputs[0], this.#passed(node, className, given));
  }

  #passed(
    node: GraphNode,
    className: string,
    given: readonly (MaskMeaning | undefined)[],
  ): MaskMeaning | undefined {
    if (className === 'Embedding') return this.#tables.get(node);
    if (handing[this.#dialect].has(className)) return given[0];
    const masks = given.filter((mask): mask is MaskMeaning => mask !== undefined && mask !== allReal);
    const all = masks.length === given.length;
    if (merges.has(className)) return all ? this.#meanings.joined('Or', masks) : undefined;
    if (node.op !== 'Concat' || masks.length === 0) return undefined;
    if (node.axis === 1)
      return this.#meanings.joined(
        'Concat',
        given.map((mask) => mask ?? allReal),
      );
    if (this.#dialect === 'tfjs') return this.#meanings.joined('And', masks);
    // In Keras 3 the steps of an input without a mask are all real, and one input is enough.
    return all ? this.#meanings.joined('Or', masks) : undefined;
  }
}
