import type { ValueName } from './graph.ts';
import type { NodeBase } from './nodeBase.ts';

/**
 * Elementwise over one input or more; Sub, Div and Pow take two. Axes of length 1 are repeated as NumPy does, and an input with fewer
 * axes gets them behind the batch axis, as Keras does: [B,I] beside [B,T,I] meets every step.
 */
export interface MergeNode extends NodeBase {
  readonly op: MergeOp;
  /**
   * Of Mul, Max and Min: the mask [B,T] of each input that has one. At masked steps the input is left out; where all are, Mul
   * puts out 0, Max and Min their first input.
   */
  readonly masks?: readonly (ValueName | undefined)[];
}

/** What is done to inputs value by value. */
export type MergeOp = 'Add' | 'Sub' | 'Mul' | 'Div' | 'Pow' | 'Mean' | 'Max' | 'Min';
