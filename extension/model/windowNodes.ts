import type { GateView } from './gateView.ts';
import type { NodeBase } from './nodeBase.ts';
import type { Parameter } from './parameter.ts';

/** How a window moves over the steps of x [B,…,T,C], one place for each step of the output; axes before them are sequences by themselves. */
export interface StepWindow {
  /** From one place to the next, in steps. */
  readonly stride: number;
  /** Steps beyond the first and the last one; `same`: so many that there are ceil(T / stride) places, the odd one at the end. */
  readonly padding: 'same' | readonly [before: number, after: number];
}

/**
 * How a window of images [B,…,H,W,C], whose steps are along W, moves over H as well, and what it sees there. It is padded by `same` where
 * that of the steps is.
 */
export interface RowWindow extends StepWindow {
  readonly size: number;
  /** How far apart the rows are that it sees. */
  readonly dilation: number;
}

/**
 * Convolution over the steps of x [B,…,T,C] to [B,…,T',F], channels last where ONNX has them first. What is beyond the steps counts as 0.
 * With groups, input and output channels are cut into so many parts, each of which sees its own.
 */
export interface ConvNode extends NodeBase, StepWindow {
  readonly op: 'Conv';
  /** The kernel, step by step, of rows one after the other: one matrix [F, C / groups] for each. */
  readonly taps: readonly GateView[];
  /** [F] */
  readonly bias?: Parameter;
  readonly groups: number;
  /** How far apart the steps are that a window sees. */
  readonly dilation: number;
  /** Between the steps of x so many less one are put in that are 0: by that, a transposed convolution is one with its taps turned round. */
  readonly spread: number;
  /** Over images; there x is not spread. */
  readonly rows?: RowWindow;
}

/** Steps of one row that a convolution's window sees. */
export function stepTaps({ taps, rows }: Pick<ConvNode, 'taps' | 'rows'>): number {
  return taps.length / (rows?.size ?? 1);
}

/**
 * The largest or the mean value of `size` steps of x [B,…,T,C], of each channel; of images of so many in each of some rows. What is beyond
 * them does not count.
 */
export interface PoolNode extends NodeBase, StepWindow {
  readonly op: 'MaxPool' | 'AveragePool';
  readonly size: number;
  /** AveragePool: what is beyond the steps counts as 0 (ONNX count_include_pad). */
  readonly countPadding?: boolean;
  /** Over images. */
  readonly rows?: RowWindow;
}
