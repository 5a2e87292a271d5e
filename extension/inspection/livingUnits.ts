import { type GateView, layoutOf } from '../model/gateView.ts';
import { candidateGate, type RecurrentLayer } from '../model/recurrentLayer.ts';
import type { Block } from './blocks.ts';
import { runsWithin } from './runs.ts';

/** Tells the units whose candidate has nothing but zeros: from a zero state they put out activation(0) = 0 at every step. */
export class LivingUnits {
  readonly #views: ReadonlySet<GateView>;
  readonly #alive: Uint8Array;
  #unknown: number;

  constructor({ cell, gates, hiddenSize, zeroPreserving }: RecurrentLayer) {
    const gate = gates.find(({ name }) => name === candidateGate[cell]);
    // Where the activation of 0 is not 0, or nobody knows it, no unit counts as dead.
    this.#views = new Set(gate && zeroPreserving ? [gate.kernel, gate.recurrent, ...gate.biases] : []);
    this.#unknown = this.#views.size > 0 ? hiddenSize : 0;
    this.#alive = new Uint8Array(this.#unknown);
  }

  /** Notes the units to which a block of a view gives a value that is not 0; views of other gates are passed over. */
  see(view: GateView, { from, values }: Block): void {
    // Most rows are found to live in the first columns.
    if (this.#unknown === 0 || !this.#views.has(view)) return;
    const layout = layoutOf(view);
    for (const { start, length, row } of runsWithin(layout, from, from + values.length)) {
      if (layout.isByRow && this.#alive[row] === 1) continue;
      for (let i = 0, at = start - from; i < length; i++, at += layout.step) {
        if (values[at] === 0) continue;
        this.#note(layout.isByRow ? row : row + i);
        if (layout.isByRow) break;
      }
      if (this.#unknown === 0) return;
    }
  }

  dead(): number[] {
    return [...this.#alive.keys()].filter((unit) => this.#alive[unit] === 0);
  }

  #note(unit: number): void {
    if (this.#alive[unit] === 1) return;
    this.#alive[unit] = 1;
    this.#unknown--;
  }
}
