import { describeForward, Temporary } from './recurrentMatrix.ts';
import { fromPanels, lastZeros, noOutput, toPanels } from './recurrentPanels.ts';
import { partsOf, type RecurrentWeights, workOf } from './recurrentParts.ts';
import { gateCounts, type Workspace } from './recurrentWorkspace.ts';
import { runtime } from './runtime.ts';

/** Addresses of tensors; 0 where there is none. */
export interface ForwardInputs {
  /** [B,T,I] */
  readonly x: number;
  /** [B,H] */
  readonly h: number;
  readonly c: number;
  /** [B,T], 0 and 1 */
  readonly mask: number;
  /** Factors [B,I] and [B,H] */
  readonly dropout: number;
  readonly recurrentDropout: number;
}

/** Computes all steps into the workspace. */
export function forwardPass(workspace: Workspace, weights: RecurrentWeights, inputs: ForwardInputs): void {
  const { shape, panels, task } = workspace;
  const { pool } = runtime();
  const { width, units, steps } = shape;
  if (shape.masked) writeMask(workspace, inputs.mask);
  writeBiases(workspace, weights);
  const load = (from: number, rows: number, to: number, dropout = 0) =>
    toPanels(workspace, from, 1, rows, to, 0, dropout);
  if (workspace.inputDropout) load(inputs.dropout, shape.inputs, workspace.inputDropout);
  toPanels(workspace, inputs.x, steps, shape.inputs, workspace.x, workspace.mask, workspace.inputDropout);
  const state = panels * width * units;
  const start = (from: number, to: number, dropout = 0) => {
    if (from) load(from, units, to, dropout);
    else runtime().memory.floats(to, state).fill(0);
  };
  start(inputs.h, workspace.h);
  if (workspace.c) start(inputs.c, workspace.c);
  if (workspace.dropout) {
    load(inputs.recurrentDropout, units, workspace.dropout);
    start(inputs.h, workspace.dropped, workspace.dropout);
  }
  const temporary = new Temporary();
  try {
    for (const { matrix, rows, at } of partsOf(workspace, weights)) {
      describeForward(matrix, rows, width, at, temporary);
    }
    pool.run('recurrentForward', [task], workOf(workspace, weights));
  } finally {
    temporary.free();
  }
}

/** Puts all outputs into a tensor [B,T,H]. */
export function readSequence(workspace: Workspace, to: number): void {
  const { shape, h, panels, mask } = workspace;
  const first = h + 4 * panels * shape.width * shape.units;
  fromPanels(workspace, first, shape.steps, shape.units, shape.zeroMaskedOutput ? mask : 0, to);
}

/** The last output [B,H]: that of the last step that was computed. */
export function readLast(workspace: Workspace, to: number): void {
  const { shape } = workspace;
  if (noOutput(shape))
    runtime()
      .memory.floats(to, shape.batch * shape.units)
      .fill(0);
  else fromPanels(workspace, finalState(workspace), 1, shape.units, lastZeros(workspace), to);
}

/** The final h [B,H]. */
export function readFinal(workspace: Workspace, to: number): void {
  fromPanels(workspace, finalState(workspace), 1, workspace.shape.units, 0, to);
}

/** The final c [B,H]. */
export function readFinalCell(workspace: Workspace, to: number): void {
  const { shape, c, panels } = workspace;
  const at = shape.saved ? c + 4 * shape.steps * panels * shape.width * shape.units : c;
  fromPanels(workspace, at, 1, shape.units, 0, to);
}

function finalState({ shape, h, panels, slots }: Workspace): number {
  return h + 4 * (shape.steps % slots) * panels * shape.width * shape.units;
}

/** Both biases are added to the sums, but for the recurrent one of h where the reset comes after the product. */
function writeBiases(workspace: Workspace, { inputBias, recurrentBias }: RecurrentWeights): void {
  const { memory } = runtime();
  const { shape, bias, candidateBias } = workspace;
  const size = gateCounts[shape.cell] * shape.units;
  const sum = memory.floats(bias, size + 4).fill(0);
  if (inputBias) sum.set(memory.floats(inputBias, size));
  const recurrent = recurrentBias ? memory.floats(recurrentBias, size) : undefined;
  const together = shape.cell === 'resetAfter' ? 2 * shape.units : size;
  if (recurrent) for (let i = 0; i < together; i++) sum[i] += recurrent[i];
  if (!candidateBias) return;
  const apart = memory.floats(candidateBias, shape.units + 4).fill(0);
  if (recurrent) apart.set(recurrent.subarray(together));
}

/** As bits, in the order of computation; of samples that only fill a panel none are set. */
function writeMask({ shape, panels, mask }: Workspace, from: number): void {
  const { memory } = runtime();
  const { batch, steps, width, reverse } = shape;
  const values = memory.floats(from, batch * steps);
  const samples = panels * width;
  const bits = memory.integers(mask, steps * samples).fill(0);
  for (let b = 0; b < batch; b++) {
    for (let s = 0; s < steps; s++) {
      const t = reverse ? steps - 1 - s : s;
      if (values[b * steps + t] !== 0) bits[s * samples + b] = -1;
    }
  }
}
