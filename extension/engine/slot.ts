import type { Engine, Variable, WeightUse } from './engine.ts';
import { useBackend } from './useBackend.ts';
import type { Weight } from './weight.ts';

/**
 * A weight's place in a session. The variable that stands there is made anew where masks or values change, so that it may
 * become sparse or dense by them.
 */
export class Slot {
  readonly weight: Weight;
  readonly #engine: Engine;
  readonly #use: WeightUse;
  #own: Variable | undefined;
  /** Stands in for the own one. */
  #twin: Variable | undefined;
  #masked = false;

  constructor(engine: Engine, weight: Weight, use: WeightUse) {
    this.#engine = engine;
    this.weight = weight;
    this.#use = use;
  }

  get variable(): Variable {
    const variable = this.#twin ?? this.#own;
    if (!variable) throw new Error('a weight that did not fit into memory is asked for');
    return variable;
  }

  /** Whether the variable was made with a mask. */
  get masked(): boolean {
    return this.#masked;
  }

  /**
   * Makes the variable; one that stood there is freed first, so that there is room for it. Where that fails the slot is empty.
   * @param values [weight.shape], masks applied; the slot's from here on
   * @param mask 1 = kept; undefined: nothing is masked
   */
  fill(values: Float32Array, mask: Uint8Array | undefined): void {
    this.dispose();
    useBackend(this.#engine);
    this.#masked = mask !== undefined;
    this.#own = this.#engine.variable(this.weight, values, mask, this.#use);
  }

  /** Lets a whole twin without a mask stand in for a variable that has only its kept values, until `endWhole`. */
  beginWhole(): void {
    const { weight, variable } = this;
    if (!variable.sparse || this.#twin) return;
    useBackend(this.#engine);
    this.#twin = this.#engine.variable(weight, variable.read(), undefined, { ...this.#use, sparse: false });
  }

  endWhole(): void {
    this.#twin?.dispose();
    this.#twin = undefined;
  }

  dispose(): void {
    this.endWhole();
    this.#own?.dispose();
    this.#own = undefined;
  }
}
