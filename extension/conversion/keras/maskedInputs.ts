import {
  type GraphNode,
  type GraphOutput,
  isRecurrent,
  type RecurrentNode,
  type ValueName,
} from '../../model/graph.ts';
import { masksOf } from '../../model/reads.ts';
import { impossible, option } from './activationName.ts';
import type { DescribedLayers } from './describedLayers.ts';
import type { Dialect, KerasTensor } from './description.ts';
import type { HandedMasks } from './handedMasks.ts';
import type { Links } from './links.ts';
import { allReal, type MaskMeaning, never } from './maskMeanings.ts';

/** The tensors of layers that look at masks, each with the mask that the graph says, or with none. */
export class MaskedInputs {
  readonly #handed: HandedMasks;
  readonly #links: Links;
  readonly #dialect: Dialect;
  readonly #described: DescribedLayers;
  /** Values behind a layer that hands no mask on, and behind one whose mask marks all steps as real. */
  readonly #bare = new Map<ValueName, KerasTensor>();
  readonly #real = new Map<ValueName, KerasTensor>();

  constructor(handed: HandedMasks, links: Links, dialect: Dialect, described: DescribedLayers) {
    this.#handed = handed;
    this.#links = links;
    this.#dialect = dialect;
    this.#described = described;
  }

  /**
   * The sequence of a recurrent layer, and the mask that this hands on. Keras 3 finds no mask where a layer is given more than the sequence
   * (Layer.__call__), but hands on what came. TensorFlow.js 4.22 gives a layer without a mask the one that some layer before it had
   * (execute keeps its keywords), and an initial state the same way, which then throws.
   * @param x the sequence, before it is turned round
   */
  sequence(
    node: RecurrentNode,
    x: ValueName,
    turned: boolean,
  ): { readonly tensor: KerasTensor; readonly mask: MaskMeaning | undefined } {
    const made = turned ? this.#links.producer(node.mask) : undefined;
    const wanted = this.#handed.wanted(made?.op === 'Reverse' ? made.inputs[0] : node.mask);
    const given = this.#handed.of(x);
    if (this.#dialect === 'tfjs' && this.#handed.makesMasks) {
      if (node.inputs.length > 1) this.#checkLast(node);
      if (wanted === undefined)
        return { tensor: given === allReal ? this.#described.of(x) : this.#allReal(x), mask: allReal };
    }
    const heeds = node.inputs.length === 1 || this.#dialect === 'tfjs';
    const tensor = this.#masked(node.origin, x, wanted, heeds ? given : undefined);
    return { tensor, mask: tensor === this.#described.of(x) ? given : undefined };
  }

  /** The tensors of another layer that looks at masks. */
  heeding(node: GraphNode, values: readonly ValueName[]): KerasTensor[] {
    const wanted = new Map(masksOf(node).map(({ mask, input }) => [input, this.#handed.wanted(mask)]));
    return values.map((value, i) => this.#masked(node.origin, value, wanted.get(i), this.#handed.of(value)));
  }

  /**
   * The tensors of a MultiHeadAttention, which takes their masks off: those with a mask that others read, too, as copies of its own. What
   * Dropout puts out is the tensor that it reads.
   */
  ofHeads(node: GraphNode, values: readonly ValueName[]): KerasTensor[] {
    const tensors = this.heeding(node, values);
    const copies = new Map<ValueName, KerasTensor>();
    const own = (value: ValueName) => values.filter((one) => one === value).length;
    return values.map((value, i) => {
      const isShared =
        this.#links.readers(value).length > own(value) ||
        this.#links.isOutput(value) ||
        this.#links.producer(value)?.op === 'Dropout';
      if (!isShared || this.#handed.of(value) === undefined || this.isBare(tensors[i])) return tensors[i];
      return this.#through(copies, value, 'Rescaling', () => ({ scale: 1, offset: 0 }));
    });
  }

  /** The tensor of an output, without a mask that would leave steps out of the loss of Keras. */
  output({ name, mask }: GraphOutput): KerasTensor {
    if (this.#dialect !== 'keras' || mask !== undefined) return this.#described.of(name);
    return this.#masked(name, name, undefined, this.#handed.of(name));
  }

  /** Whether the mask has been taken off the tensor for a layer. */
  isBare(tensor: KerasTensor): boolean {
    return [...this.#bare.values()].includes(tensor);
  }

  /** Throws conversionImpossible where a recurrent layer may be computed behind one with an initial state. */
  #checkLast(node: RecurrentNode): void {
    const before = new Set<GraphNode>([node]);
    for (const one of before) {
      for (const input of one.inputs) {
        const made = this.#links.producer(input);
        if (made) before.add(made);
      }
    }
    if (this.#links.nodes.some((one) => isRecurrent(one) && !before.has(one)))
      throw impossible(node.origin, option('optionStateMasked'), 'tfjs');
  }

  #masked(
    origin: string,
    value: ValueName,
    wanted: MaskMeaning | undefined,
    given: MaskMeaning | undefined,
  ): KerasTensor {
    const harmless = given === allReal && this.#dialect === 'keras';
    if (wanted === (harmless ? undefined : given)) return this.#described.of(value);
    if (wanted !== undefined) throw impossible(origin, option('optionMasks'), this.#dialect);
    return this.#through(this.#bare, value, 'Permute', (rank) => ({
      dims: Array.from({ length: rank - 1 }, (_, i) => i + 1),
    }));
  }

  #allReal(value: ValueName): KerasTensor {
    return this.#through(this.#real, value, 'Masking', () => ({ mask_value: never }));
  }

  #through(
    known: Map<ValueName, KerasTensor>,
    value: ValueName,
    className: string,
    config: (rank: number) => object,
  ): KerasTensor {
    const input = this.#described.of(value);
    const tensor = known.get(value) ?? this.#described.add(className, config(input.shape.length), input);
    known.set(value, tensor);
    return tensor;
  }
}
