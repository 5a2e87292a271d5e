import type { WeightCriterion } from './criteria/criterion.ts';
import type { GroupPart } from './granularity/granularity.ts';

type Combine = WeightCriterion['combine'];

/** Adds up the scores of weights into those of their groups, in float64. */
export class GroupSums {
  /** Scored weights of each group that are not gone. */
  readonly left: Uint32Array;
  readonly #sums: Float64Array;
  readonly #counts: Uint32Array;

  constructor(count: number) {
    this.left = new Uint32Array(count);
    this.#sums = new Float64Array(count);
    this.#counts = new Uint32Array(count);
  }

  /** Counts what is left of a part of this many weights. */
  addLeft(part: GroupPart, size: number, gone: Uint8Array | undefined): void {
    forEachWeight(part, size, (group, i) => {
      if (gone?.[i] !== 1) this.left[group]++;
    });
  }

  /** Adds the scores of a part's weights. */
  addPart(part: GroupPart, scores: Float32Array, combine: Combine): void {
    forEachWeight(part, scores.length, (group, i) => {
      if (combine === 'first' && this.#counts[group] > 0) return;
      this.#add(group, combine === 'rootMeanSquare' ? scores[i] ** 2 : scores[i]);
    });
  }

  /** Adds one score to each group from `first` on. */
  addGroups(first: number, scores: Float32Array): void {
    for (let i = 0; i < scores.length; i++) this.#add(first + i, scores[i]);
  }

  /** A group's score from its n; 0 where it has none. */
  scores(combine: Combine): Float32Array {
    return Float32Array.from(this.#sums, (sum, group) => {
      const mean = sum / Math.max(1, this.#counts[group]);
      switch (combine) {
        case 'rootMeanSquare':
          return Math.sqrt(mean);
        case 'absoluteMean':
          return Math.abs(mean);
        default:
          return mean;
      }
    });
  }

  #add(group: number, value: number): void {
    this.#sums[group] += value;
    this.#counts[group]++;
  }
}

function forEachWeight(
  { rows, columns }: GroupPart,
  size: number,
  visit: (group: number, at: number) => void,
): void {
  for (let r = 0, i = 0; i < size; r++) {
    for (let c = 0; c < columns.length; c++, i++) visit(rows[r] + columns[c], i);
  }
}
