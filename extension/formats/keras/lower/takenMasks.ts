import type { ValueName } from '../../../model/graph.ts';
import { networkClasses } from '../config.ts';
import type { PlacedLayer, Value } from './lowering.ts';
import { incomplete } from './refusals.ts';

/**
 * Layers that Keras 3 gives the mask which it finds when a model is built; a file that Keras wrote holds it. Attention, which takes a list,
 * is not among them.
 */
const givenMasks: ReadonlySet<string> = new Set([
  'BatchNormalization',
  'Bidirectional',
  'GRU',
  'GlobalAveragePooling1D',
  'LSTM',
  'RNN',
  'SimpleRNN',
  'Softmax',
  'TimeDistributed',
]);

/** A tensor that a call reads. */
export interface Found extends Value {
  /** It has a mask that Keras had not seen when it built the model: that of a nested one. */
  readonly unseen?: boolean;
}

/**
 * MultiHeadAttention of Keras 3 takes the masks off the tensors that it reads, so that who reads these later finds none, but for layers
 * that were given theirs before.
 */
export class TakenMasks {
  readonly #taken = new Set<ValueName>();
  readonly #alike = new Map<ValueName, ValueName>();

  /** Tensors as they are now. */
  now(values: readonly Value[]): Value[] {
    return values.map((value) =>
      value.mask !== undefined && this.#taken.has(this.#tensorOf(value.name))
        ? { ...value, taken: true }
        : value,
    );
  }

  /**
   * Tensors as a call finds them. What was given when the model was built is all ones where the mask of a tensor had not been seen: Concatenate
   * takes none for ones.
   * @param nested in a file that does not say what was found, where the masks come from outside of a nested model, which was built without
   */
  found(read: readonly Found[], layer: PlacedLayer, nested: boolean): Value[] {
    const { call, className } = layer;
    const given = read.map(({ unseen: _, ...value }): Value => value);
    const built = call?.masks ? isGiven(layer) : !nested && givenMasks.has(className);
    if (!built) return this.now(given);
    if (networkClasses.has(className)) this.#putBack(read, layer);
    return given.map(({ taken: _, ...value }, i) =>
      read[i].unseen && isGiven(layer) ? { ...value, taken: true } : value,
    );
  }

  /** What a call puts out, with the masks that it hands on whatever it was given itself. */
  handedOn(outputs: readonly Value[], read: readonly Found[], layer: PlacedLayer): Value[] {
    const hidden = isGiven(layer) && read.some(({ unseen }) => unseen);
    return hidden ? outputs.map(({ taken: _, ...value }) => value) : [...outputs];
  }

  /** Notes whose masks are gone after a call. */
  take({ className }: PlacedLayer, given: readonly Value[]): void {
    if (className === 'MultiHeadAttention')
      for (const { name } of given) this.#taken.add(this.#tensorOf(name));
  }

  /** Notes that a value is the same tensor as another but for training, as what Dropout puts out is. */
  alike(name: ValueName, other: ValueName): void {
    this.#alike.set(name, this.#tensorOf(other));
  }

  /** A nested model puts the masks that it is given on the tensors that it reads, for who reads these later, too (Functional.call). */
  #putBack(read: readonly Found[], layer: PlacedLayer): void {
    if (read.some(({ unseen }) => unseen))
      throw incomplete({ code: 'reasonMaskUnseen', args: { layer: layer.path } });
    for (const { name } of read) this.#taken.delete(this.#tensorOf(name));
  }

  #tensorOf(name: ValueName): ValueName {
    return this.#alike.get(name) ?? name;
  }
}

/** Whether the file holds the mask that a call is given, which was found when the model was built. */
function isGiven({ call }: PlacedLayer): boolean {
  return (call?.masks?.length ?? 0) > 0;
}

/** The mask that is found on a tensor. */
export function foundMask({ mask, taken }: Value): ValueName | undefined {
  return taken ? undefined : mask;
}
