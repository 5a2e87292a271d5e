/** Whole numbers q from `least` to `greatest`, which stand for (q − zeroPoint) · scale. */
export interface Grid {
  readonly scale: number;
  readonly zeroPoint: number;
  readonly least: number;
  readonly greatest: number;
}

/**
 * How the interpreter of a quantised model computes a node, by TensorFlow Lite's kernels (TensorFlow 2.21). Between nodes flow the numbers
 * that the integers stand for, so a node without this word is any other; and what a node of its kind computes in floats is what training
 * takes, as if nothing were rounded.
 */
export type Integers =
  /** Of a node that a float function computes: the result is rounded to the grid. */
  | { readonly kind: 'rounded'; readonly to: Grid }
  /** Of an Identity: integers of one grid are scaled to another, in fixed point. */
  | { readonly kind: 'rescaled'; readonly from: Grid; readonly to: Grid }
  /** Of an Identity: integers of one grid are read as those of another. */
  | { readonly kind: 'reread'; readonly from: Grid; readonly to: Grid }
  /**
   * Of an Identity before a Softmax or a Sigmoid: the logarithm of the probabilities on the grid `to`, or their logit, so that a loss that
   * is taken before that head is the loss of the probabilities that the interpreter puts out. Probabilities of 0 and 1 are clipped as Keras
   * does.
   */
  | { readonly kind: 'softmax' | 'sigmoid'; readonly from: Grid; readonly to: Grid }
  /** Of a Softmax behind that: the probabilities, whose sum is not quite 1. */
  | { readonly kind: 'exponential'; readonly to: Grid }
  /** Of an Add, Sub or Mul: of integers of two grids; what comes out lies between `least` and `greatest`. */
  | {
      readonly kind: 'merge';
      readonly from: readonly [Grid, Grid];
      readonly to: Grid;
      readonly least: number;
      readonly greatest: number;
    }
  /** Of a Sub: of integers of two grids, kept finer than either of them. */
  | { readonly kind: 'difference'; readonly from: readonly [Grid, Grid]; readonly to: Grid }
  /** Of a Mul of such a difference with itself. */
  | { readonly kind: 'squared'; readonly from: Grid; readonly to: Grid }
  /** Of a Reciprocal behind a Sqrt: 1 / √x of the integers from which that root was taken. */
  | { readonly kind: 'inverseRoot'; readonly from: Grid; readonly to: Grid }
  /** Of a Reduce: the mean of integers. */
  | { readonly kind: 'mean'; readonly from: Grid; readonly to: Grid }
  /**
   * Of a MatMul or Conv: integers times integers; what comes out lies between `least` and `greatest`. Halves are rounded away from 0
   * and then upwards, in rows from `twiceFrom` on both times away from 0.
   */
  | {
      readonly kind: 'product';
      readonly from: Grid;
      readonly to: Grid;
      readonly least: number;
      readonly greatest: number;
      readonly twiceFrom?: number;
    }
  /** Of an AveragePool: means of integers, rounded as these are. */
  | { readonly kind: 'pooled'; readonly grid: Grid }
  /** Of a LeakyRelu. */
  | { readonly kind: 'leaky'; readonly from: Grid; readonly to: Grid }
  /** Of a PRelu, whose slopes are integers, too. */
  | { readonly kind: 'sloped'; readonly from: Grid; readonly slopes: Grid; readonly to: Grid }
  /**
   * Of a MatMul, an LSTM or an RNN whose weights alone are integers: every row of inputs and states gets a grid of its own; of a Conv every
   * sample.
   */
  | { readonly kind: 'hybrid'; readonly asymmetric: boolean }
  /** Of an LSTM: 8-bit inputs, outputs and weights, 16-bit gates and cell state. */
  | ({ readonly kind: 'cell' } & CellGrids);

/** Grids of an LSTM of integers. */
export interface CellGrids {
  readonly input: Grid;
  /** Of the output that enters the next step. */
  readonly state: Grid;
  /** Its scale is a power of two. */
  readonly cell: Grid;
  /** Of what the units put out, before a projection if there is one. */
  readonly hidden: Grid;
  /** By which the next operator reads the output; it has the integers of the state. */
  readonly output: Grid;
  /** Where gates are normalised, scales of what is: of i, f, c and o. */
  readonly sums?: readonly number[];
}
