import { clamped, doubledHigh, roundedShift } from './fixedPoint.ts';

/*
 * Functions of fixed-point numbers as gemmlowp's fixedpoint computes them, by whose bits TensorFlow Lite's kernels go. A number of `width`
 * bits with n integer ones has width − 1 − n fractional ones. Constants are those of 32 bits, rounded to the width.
 */

export interface FixedFunctions {
  /** 1, of numbers without integer bits: the greatest of them. */
  readonly one: number;
  /** exp(a) of a ≤ 0 with so many integer bits; the result has none. */
  readonly expOfNegative: (a: number, integerBits: number) => number;
  /** 1 / (1 + a) of a in (0, 1), both without integer bits. */
  readonly oneOver: (a: number) => number;
  /** (1 − a) / (1 + a) of the same. */
  readonly oneMinusOver: (a: number) => number;
}

/** exp(−2^k) for k from −2 on. */
const powers = [1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242];

export function fixedFunctions(width: 16 | 32): FixedFunctions {
  const greatest = 2 ** (width - 1) - 1;
  const constant = (value: number) => roundedShift(value, 32 - width);
  const [expOfMinusEighth, third, newton48Over17, newtonMinus32Over17] = [
    1895147668, 715827883, 1515870810, -1010580540,
  ].map(constant);
  const factors = powers.map(constant);
  const times = (a: number, b: number) => doubledHigh(a, b, width);
  const saturated = (x: number) => clamped(x, -greatest - 1, greatest);
  /** In numbers with two integer bits. */
  const unit = 2 ** (width - 3);

  /** exp(a) for a in [−1/4, 0): Taylor's series around −1/8. */
  const expNearZero = (a: number): number => {
    const x = a + 2 ** (width - 4);
    const x2 = times(x, x);
    const x3 = times(x2, x);
    const x4 = times(x2, x2);
    const upper = times(roundedShift(x4, 2) + x3, third) + x2;
    return saturated(expOfMinusEighth + times(expOfMinusEighth, x + roundedShift(upper, 1)));
  };

  /** 2 / (1 + a), with two integer bits, by three steps of Newton and Raphson. */
  const newton = (a: number): number => {
    const halfDenominator = Math.floor((a + greatest + 1) / 2);
    let x = newton48Over17 + times(halfDenominator, newtonMinus32Over17);
    for (let step = 0; step < 3; step++) {
      const rest = unit - times(halfDenominator, x);
      x += saturated(times(x, rest) * 4);
    }
    return x;
  };

  return {
    one: greatest,
    oneOver: (a) => saturated(newton(a) * 2),
    oneMinusOver: (a) => saturated((newton(a) - unit) * 4),
    /** A quarter's part by the series, the rest by products with exp(−2^k). */
    expOfNegative: (a, integerBits) => {
      if (a === 0) return greatest;
      const fraction = width - 1 - integerBits;
      if (integerBits > 5 && a < -(2 ** (fraction + 5))) return 0;
      const quarter = 2 ** (fraction - 2);
      const withinQuarter = a - Math.floor(a / quarter) * quarter - quarter;
      let result = expNearZero(saturated(withinQuarter * 2 ** integerBits));
      const rest = withinQuarter - a;
      for (let k = -2; k < integerBits && k <= 4; k++)
        if (Math.floor(rest / 2 ** (fraction + k)) % 2 === 1) result = times(result, factors[k + 2]);
      return result;
    },
  };
}
