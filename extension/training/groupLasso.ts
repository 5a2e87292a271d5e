import type { TrainingSession } from '../engine/session.ts';
import type { GateView } from '../model/gateView.ts';
import { type Parameter, sizeOf } from '../model/parameter.ts';

/** Weights in groups: weight (r, c) of a part belongs to group rows[r] + columns[c]. It may lie in several parts, of several groups. */
export interface WeightGroups {
  readonly count: number;
  readonly parts: readonly {
    readonly view: GateView;
    readonly rows: Uint32Array;
    readonly columns: Uint32Array;
  }[];
}

/** No group. */
const none = -1;

/**
 * The penalty λ · Σ √n · ‖w‖₂ over groups w of n weights (Yuan and Lin, "Model selection and estimation in regression with grouped
 * variables", 2006), which takes whole groups to zero: on hidden units it learns the intrinsic sparse structures of Wen et al. (2018).
 * Its gradient would only make them small, so it is taken as a proximal step after each update, w ← w · max(0, 1 − ηλ√n / ‖w‖).
 *
 * That is exact where groups are apart. A recurrent weight belongs to the unit that it comes from and to the one that it goes to, and for
 * such there is no closed form: it takes the factors of both, which to first order in ηλ is the step along the sum's subgradient, and
 * leaves a group that has come to zero at zero.
 */
export class GroupLasso {
  readonly #factor: number;
  /** √n of each group. */
  readonly #roots: Float64Array;
  readonly #members = new Map<Parameter, Membership>();

  /** @param factor λ */
  constructor(groups: readonly WeightGroups[], factor: number) {
    this.#factor = factor;
    const sizes: number[] = [];
    for (const { count, parts } of groups) {
      const first = sizes.length;
      for (let group = 0; group < count; group++) sizes.push(0);
      for (const { view, rows, columns } of parts) {
        if (!view.parameter.trainable) continue;
        const members = this.#membersOf(view.parameter);
        const { offset, rowStride, columnStride } = view;
        for (const [r, row] of rows.entries()) {
          for (const [c, column] of columns.entries()) {
            const group = first + row + column;
            if (members.add(offset + r * rowStride + c * columnStride, group)) sizes[group]++;
          }
        }
      }
    }
    this.#roots = Float64Array.from(sizes, Math.sqrt);
  }

  /** Takes the proximal step of an update that had this learning rate. */
  async apply(session: TrainingSession, learningRate: number): Promise<void> {
    const strength = learningRate * this.#factor;
    if (strength === 0) return;
    const weights = await session.weights();
    const own = [...this.#members.keys()].map((parameter) => [parameter, weights.get(parameter)] as const);
    const values = new Map(own.filter((entry): entry is [Parameter, Float32Array] => entry[1] !== undefined));
    this.shrink(values, strength);
    await session.assign(values);
  }

  /** The step itself, in place. @param strength ηλ */
  shrink(values: ReadonlyMap<Parameter, Float32Array>, strength: number): void {
    const squares = new Float64Array(this.#roots.length);
    for (const [parameter, members] of this.#members) members.addSquares(values.get(parameter), squares);
    const factors = squares.map((square, group) =>
      square === 0 ? 0 : Math.max(0, 1 - (strength * this.#roots[group]) / Math.sqrt(square)),
    );
    for (const [parameter, members] of this.#members) members.scale(values.get(parameter), factors);
  }

  #membersOf(parameter: Parameter): Membership {
    const known = this.#members.get(parameter) ?? new Membership(sizeOf(parameter.shape));
    this.#members.set(parameter, known);
    return known;
  }
}

/** Which groups each of a parameter's weights belongs to. */
class Membership {
  /** Each holds a group for every weight, or none; the second is there where weights have two, and so on. */
  readonly #layers: Int32Array[] = [];
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  /** Whether the weight was not in the group yet. */
  add(at: number, group: number): boolean {
    for (const layer of this.#layers) {
      if (layer[at] === group) return false;
      if (layer[at] !== none) continue;
      layer[at] = group;
      return true;
    }
    const layer = new Int32Array(this.#size).fill(none);
    layer[at] = group;
    this.#layers.push(layer);
    return true;
  }

  addSquares(values: Float32Array | undefined, squares: Float64Array): void {
    if (!values) return;
    for (const layer of this.#layers) {
      for (let i = 0; i < values.length; i++) {
        const group = layer[i];
        if (group !== none) squares[group] += values[i] * values[i];
      }
    }
  }

  scale(values: Float32Array | undefined, factors: Float64Array): void {
    if (!values) return;
    for (const layer of this.#layers) {
      for (let i = 0; i < values.length; i++) {
        const group = layer[i];
        if (group !== none) values[i] *= factors[group];
      }
    }
  }
}
