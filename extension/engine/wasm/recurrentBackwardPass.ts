import { describeTranspose, Temporary } from './recurrentMatrix.ts';
import { fromPanels, lastZeros, noOutput, toPanels } from './recurrentPanels.ts';
import { partsOf, type RecurrentWeights, workOf } from './recurrentParts.ts';
import { writeTask } from './recurrentTask.ts';
import { weightGradients } from './recurrentWeightGradients.ts';
import { gateCounts, type Workspace } from './recurrentWorkspace.ts';
import { runtime } from './runtime.ts';

/** Gradients of the outputs; 0 where there is none. */
export interface BackwardInputs {
  readonly sequence: number;
  readonly last: number;
  readonly final: number;
  readonly finalCell: number;
}

/** Where gradients go: tensors of the weights' shapes (of sparse ones the kept values) and [B,H]; 0: not wanted. */
export interface BackwardOutputs {
  readonly kernel: number;
  readonly recurrent: number;
  readonly inputBias: number;
  readonly recurrentBias: number;
  readonly h: number;
  readonly c: number;
}

/** Takes the gradients back through all steps; afterwards the workspace's gates hold those of their sums. */
export function backwardPass(
  workspace: Workspace,
  weights: RecurrentWeights,
  inputs: BackwardInputs,
  outputs: BackwardOutputs,
): void {
  const { shape, panels, task, mask } = workspace;
  const { memory, pool } = runtime();
  const { width, units, steps } = shape;
  const state = panels * width * units;
  const temporary = new Temporary();
  try {
    // Tiles of four rows read beyond the last row of what they add to.
    const dh = temporary.allocate(4 * (state + 4 * width));
    const dc = temporary.allocate(4 * state);
    const dy = inputs.sequence ? temporary.allocate(4 * steps * state) : 0;
    const scratch = temporary.allocate(4 * (state + 4 * width));
    const zeros = shape.zeroMaskedOutput ? mask : 0;
    const start = (from: number, to: number, masked = 0) => {
      if (from) toPanels(workspace, from, 1, units, to, masked, 0);
      else memory.floats(to, state).fill(0);
    };
    start(inputs.final, dh);
    start(inputs.finalCell, dc);
    if (inputs.last && !noOutput(shape)) {
      start(inputs.last, scratch, lastZeros(workspace));
      pool.call('addPanels', dh, scratch, 4 * state);
    }
    if (dy) toPanels(workspace, inputs.sequence, steps, units, dy, zeros, 0);
    for (const { matrix, rows, at, kernel } of partsOf(workspace, weights)) {
      if (!kernel) describeTranspose(matrix, rows, width, at, temporary);
    }
    writeTask(memory, task, { dy, dh, dc, scratch });
    pool.run('recurrentBackward', [task], workOf(workspace, weights));
    if (outputs.h) fromPanels(workspace, dh, 1, units, 0, outputs.h);
    if (outputs.c) fromPanels(workspace, dc, 1, units, 0, outputs.c);
  } finally {
    temporary.free();
  }
  weightGradients(workspace, weights, outputs);
}

/** Gradient of the inputs [B,T,I], after `backwardPass`. */
export function inputGradient(workspace: Workspace, weights: RecurrentWeights, to: number): void {
  const { shape, panels, task } = workspace;
  const { width, inputs, steps, units } = shape;
  const { pool } = runtime();
  const temporary = new Temporary();
  try {
    const [{ matrix, rows, at }] = partsOf(workspace, weights);
    describeTranspose(matrix, rows, width, at, temporary);
    const dx = temporary.allocate(4 * steps * panels * width * inputs);
    const work = 2 * gateCounts[shape.cell] * units * inputs * steps * shape.batch;
    pool.run('recurrentInputGradient', [task, dx, workspace.inputDropout], work);
    fromPanels(workspace, dx, steps, inputs, 0, to);
  } finally {
    temporary.free();
  }
}
