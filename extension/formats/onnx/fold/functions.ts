import { roundHalfToEven } from '../../../model/roundHalfToEven.ts';

/** ONNX' operators of one number. */
export const unaryFunctions: Readonly<Record<string, (x: number) => number>> = {
  Neg: (x) => -x,
  Abs: Math.abs,
  Sqrt: Math.sqrt,
  Reciprocal: (x) => 1 / x,
  Exp: Math.exp,
  Log: Math.log,
  Floor: Math.floor,
  Ceil: Math.ceil,
  Round: roundHalfToEven,
  Sign: Math.sign,
  Not: (x) => (x === 0 ? 1 : 0),
};

/** Of two numbers at one place of tensors that are broadcast to one shape, or of a condition and two. */
export const elementwiseFunctions: Readonly<Record<string, (a: number, b: number, c: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Pow: (a, b) => a ** b,
  Max: (a, b) => Math.max(a, b),
  Min: (a, b) => Math.min(a, b),
  Where: (condition, a, b) => (condition !== 0 ? a : b),
};

/** What becomes of numbers that are taken one after another: where that begins, how it goes on, and what it comes to. */
export interface Reduction {
  readonly first: number;
  readonly next: (sum: number, x: number) => number;
  readonly result?: (sum: number, count: number) => number;
}

export const reductions: Readonly<Record<string, Reduction>> = {
  ReduceSum: { first: 0, next: (sum, x) => sum + x },
  ReduceMean: { first: 0, next: (sum, x) => sum + x, result: (sum, count) => sum / count },
  ReduceMax: { first: -Infinity, next: Math.max },
  ReduceMin: { first: Infinity, next: Math.min },
  ReduceL1: { first: 0, next: (sum, x) => sum + Math.abs(x) },
  ReduceL2: { first: 0, next: (sum, x) => sum + x * x, result: Math.sqrt },
  ReduceSumSquare: { first: 0, next: (sum, x) => sum + x * x },
};
