import type { RecurrentMatrix } from './recurrentMatrix.ts';
import type { Workspace } from './recurrentWorkspace.ts';

/** Addresses of a layer's weights; of biases that are not there 0. */
export interface RecurrentWeights {
  readonly kernel: RecurrentMatrix;
  readonly recurrent: RecurrentMatrix;
  readonly inputBias: number;
  readonly recurrentBias: number;
}

export interface Part {
  readonly matrix: RecurrentMatrix;
  readonly rows: readonly [number, number];
  /** Address of its description. */
  readonly at: number;
  readonly kernel: boolean;
}

/** The matrices as the kernels take them: a GRU's recurrent one in two. */
export function partsOf(workspace: Workspace, { kernel, recurrent }: RecurrentWeights): Part[] {
  const { cell, units } = workspace.shape;
  const split = cell === 'GRU' || cell === 'resetAfter';
  const parts: Part[] = [{ matrix: kernel, rows: [0, kernel.rows], at: workspace.kernel, kernel: true }];
  const end = split ? 2 * units : recurrent.rows;
  parts.push({ matrix: recurrent, rows: [0, end], at: workspace.recurrent, kernel: false });
  if (split) {
    parts.push({ matrix: recurrent, rows: [end, recurrent.rows], at: workspace.candidate, kernel: false });
  }
  return parts;
}

/** Floating-point operations of one pass through both matrices, roughly. */
export function workOf({ shape }: Workspace, { kernel, recurrent }: RecurrentWeights): number {
  return 2 * shape.batch * shape.steps * (keptOf(kernel) + keptOf(recurrent) + 30 * shape.units);
}

/** Values of a matrix that are computed with. */
export function keptOf({ rows, columns, structure }: RecurrentMatrix): number {
  return structure?.nonzero ?? rows * columns;
}
