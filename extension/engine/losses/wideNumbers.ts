/*
 * Positive numbers of any size: v · 2^(256·k) with 1 ≤ v < 2^256, and 0 as v = 0. Products of probabilities along a sequence leave what a
 * float64 holds, and logarithms of them would cost an exponential and a logarithm for every sum.
 */

const unit = 2 ** 256;

/** A list of them. */
export class WideNumbers {
  readonly values: Float64Array;
  readonly powers: Int32Array;

  constructor(length: number) {
    this.values = new Float64Array(length);
    this.powers = new Int32Array(length);
  }

  /** Puts e^x at a place. */
  setExp(at: number, x: number): void {
    if (x === Number.NEGATIVE_INFINITY) return;
    const exponent = x / Math.LN2;
    const power = Math.floor(exponent / 256);
    this.values[at] = 2 ** (exponent - 256 * power);
    this.powers[at] = power;
  }

  /** Adds another list's number to that of a place. */
  add(at: number, from: WideNumbers, index: number): void {
    const value = from.values[index];
    if (value === 0) return;
    const apart = this.values[at] === 0 ? -2 : this.powers[at] - from.powers[index];
    if (apart > 1) return;
    if (apart < -1) {
      this.values[at] = value;
      this.powers[at] = from.powers[index];
      return;
    }
    if (apart === 0) this.#put(at, this.values[at] + value, this.powers[at]);
    else if (apart === 1) this.#put(at, this.values[at] + value / unit, this.powers[at]);
    else this.#put(at, this.values[at] / unit + value, from.powers[index]);
  }

  /** Multiplies the number of a place with another list's. */
  multiply(at: number, by: WideNumbers, index: number): void {
    if (this.values[at] !== 0)
      this.#put(at, this.values[at] * by.values[index], this.powers[at] + by.powers[index]);
  }

  /** The natural logarithm of the number at a place. */
  log(at: number): number {
    return Math.log(this.values[at]) + 256 * Math.LN2 * this.powers[at];
  }

  #put(at: number, value: number, power: number): void {
    const isOver = value >= unit;
    this.values[at] = isOver ? value / unit : value;
    this.powers[at] = isOver ? power + 1 : power;
  }
}

/** a · b / c of a list's numbers, as a plain one; 0 where that is less than one holds. */
export function ratio(
  a: WideNumbers,
  i: number,
  b: WideNumbers,
  j: number,
  c: WideNumbers,
  k: number,
): number {
  const power = a.powers[i] + b.powers[j] - c.powers[k];
  return (a.values[i] / c.values[k]) * b.values[j] * 2 ** (256 * power);
}
