import { type GateView, scatterZeros } from '../model/gateView.ts';
import { type Parameter, sizeOf } from '../model/parameter.ts';

/** Masks that are being made, on top of those that the parameters have: they only take away. */
export class GrowingMasks {
  readonly #masks = new Map<Parameter, Uint8Array>();

  /** The mask that a parameter will have; undefined where nothing was said of it. */
  of(parameter: Parameter): Uint8Array | undefined {
    return this.#masks.get(parameter);
  }

  /** Takes away what `keep`, [rows, columns], does not keep. */
  take(view: GateView, keep: Uint8Array): void {
    const { parameter } = view;
    let mask = this.#masks.get(parameter);
    if (!mask) {
      mask = parameter.mask?.slice() ?? new Uint8Array(sizeOf(parameter.shape)).fill(1);
      this.#masks.set(parameter, mask);
    }
    scatterZeros(view, keep, mask);
  }

  putOn(): void {
    for (const [parameter, mask] of this.#masks) parameter.mask = mask;
  }
}
