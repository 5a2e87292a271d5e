import type { BackwardOutputs } from './recurrentBackwardPass.ts';
import { describeGradient, Temporary } from './recurrentMatrix.ts';
import { keptOf, partsOf, type RecurrentWeights, workOf } from './recurrentParts.ts';
import { gateCounts, type RecurrentShape, type Workspace } from './recurrentWorkspace.ts';
import { runtime } from './runtime.ts';
import { ceil4 } from './vectors.ts';

/** Floats of the operands that the weights' gradients go over again and again: they should stay in a core's own cache. */
const operandFloats = 1 << 17;

/** Steps that the weights' gradients add up at once. It depends on the layer and the batch alone, not on the threads. */
function stepsAtOnce({ batch, inputs, units }: RecurrentShape): number {
  const columns = Math.min(256, Math.max(64, operandFloats / (inputs + units)));
  return Math.max(1, Math.floor(columns / Math.max(1, ceil4(batch))));
}

export function weightGradients(
  workspace: Workspace,
  weights: RecurrentWeights,
  outputs: BackwardOutputs,
): void {
  const { shape, panels, task, gateRows } = workspace;
  const { memory, pool } = runtime();
  const { cell, width, units, inputs, steps, batch } = shape;
  const { kernel, recurrent } = weights;
  const temporary = new Temporary();
  try {
    const block = stepsAtOnce(shape);
    const samples = width === 1 ? batch : ceil4(batch);
    const length = ceil4(block * samples);
    const blocks = Math.ceil(steps / block);
    const runs = (from: number, rows: number): number => {
      const to = temporary.allocate(4 * blocks * rows * length);
      pool.run(
        'recurrentRuns',
        [from, rows, rows, width, panels, samples, steps, block, to],
        4 * rows * steps * batch,
      );
      return to;
    };
    const bias = temporary.allocate(4 * gateRows);
    const scratch = temporary.allocate(16 * length * pool.threads);
    for (const { matrix, rows, at, kernel: isKernel } of partsOf(workspace, weights)) {
      describeGradient(matrix, rows[0], isKernel ? outputs.kernel : outputs.recurrent, at);
    }
    if (blocks === 0 || panels === 0) {
      memory.floats(outputs.kernel, keptOf(kernel)).fill(0);
      memory.floats(outputs.recurrent, keptOf(recurrent)).fill(0);
      memory.floats(bias, gateRows).fill(0);
    } else {
      const x = runs(workspace.x, inputs);
      const h = runs(workspace.dropped || workspace.h, units);
      const reset = workspace.reset ? runs(workspace.reset, units) : 0;
      const rows = (from: number, to: number, withKernel: boolean, matrix: number, operand: number) =>
        pool.run(
          'recurrentGradient',
          [
            task,
            from,
            to,
            withKernel ? workspace.kernel : 0,
            x,
            matrix,
            operand,
            samples,
            block,
            bias,
            scratch,
          ],
          workOf(workspace, weights),
        );
      if (cell === 'LSTM' || cell === 'RNN') rows(0, gateRows, true, workspace.recurrent, h);
      else {
        rows(0, 2 * units, true, workspace.recurrent, h);
        if (cell === 'GRU') rows(2 * units, 3 * units, true, workspace.candidate, reset);
        else {
          rows(2 * units, 3 * units, true, 0, 0);
          rows(3 * units, 4 * units, false, workspace.candidate, h);
        }
      }
    }
    const sums = memory.floats(bias, gateRows);
    const width3 = gateCounts[cell] * units;
    if (outputs.inputBias) memory.floats(outputs.inputBias, width3).set(sums.subarray(0, width3));
    if (outputs.recurrentBias) {
      const target = memory.floats(outputs.recurrentBias, width3);
      target.set(sums.subarray(0, width3));
      if (cell === 'resetAfter') target.set(sums.subarray(3 * units), 2 * units);
    }
  } finally {
    temporary.free();
  }
}
