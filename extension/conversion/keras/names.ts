/**
 * What Keras 3 calls the operations by which its layers compute their masks (compute_mask of Embedding, Masking, Concatenate and the
 * merges, in all its versions), which become part of a functional model beside the layers. In a session with other models, a number
 * follows.
 */
const maskOperations =
  /^(all|any|broadcast_to|cast|concatenate|convert_to_tensor|expand_dims|logical_and|logical_or|not_equal|ones_like|reshape|squeeze|stack|where|zeros_like)(_\d+)?$/;

/** Names of layers, each given once. Keras' hold no slashes. */
export class LayerNames {
  readonly #given = new Set<string>();
  readonly #besideMasks: boolean;

  /** @param besideMasks Keras 3 puts operations of masks beside the layers, whose names no layer may have */
  constructor({ besideMasks }: { readonly besideMasks: boolean }) {
    this.#besideMasks = besideMasks;
  }

  /** The name wanted, or one like it that is free. */
  fresh(wanted: string): string {
    const plain = wanted.replace(/[^\w.-]+/g, '_').replace(/^_+|_+$/g, '') || 'layer';
    const base = this.#besideMasks && maskOperations.test(plain) ? `${plain}_layer` : plain;
    let name = base;
    for (let n = 1; this.#given.has(name); n++) name = `${base}_${n}`;
    this.#given.add(name);
    return name;
  }
}
