import { fixedFunctions } from './fixedFunctions.ts';

/** All values of a function of int16, by value + 32768; computed once. */
type Table = Int16Array;

const { one, expOfNegative, oneOver, oneMinusOver } = fixedFunctions(16);
const sigmoids = new Map<number, Table>();
const tanhs = new Map<number, Table>();

/** The sigmoid of numbers with so many integer bits; the results have none, and so 15 fractional ones. */
export function sigmoidTable(integerBits: number): Table {
  return tableOf(sigmoids, integerBits, sigmoid);
}

/** The tanh of the same. */
export function tanhTable(integerBits: number): Table {
  return tableOf(tanhs, integerBits, tanh);
}

function tableOf(known: Map<number, Table>, bits: number, of: (x: number, bits: number) => number): Table {
  const found = known.get(bits);
  if (found) return found;
  const table = Int16Array.from({ length: 65536 }, (_, i) => of(i - 32768, bits));
  known.set(bits, table);
  return table;
}

function sigmoid(x: number, integerBits: number): number {
  if (x === 0) return 16384;
  const ofMagnitude = oneOver(expOfNegative(-Math.abs(x), integerBits));
  return x > 0 ? ofMagnitude : one - ofMagnitude;
}

function tanh(x: number, integerBits: number): number {
  if (x === 0) return 0;
  // exp(−2|x|): one integer bit more doubles a number.
  const ofMagnitude = oneMinusOver(expOfNegative(-Math.abs(x), integerBits + 1));
  return x < 0 ? -ofMagnitude : ofMagnitude;
}
