import type { RecurrentShape, Workspace } from './recurrentWorkspace.ts';
import { runtime } from './runtime.ts';

/** Puts a tensor [B,T,R] into panels, or with one step [B,R]. `mask`, `dropout` 0: none. */
export function toPanels(
  { shape, panels }: Workspace,
  from: number,
  steps: number,
  rows: number,
  to: number,
  mask: number,
  dropout: number,
): void {
  const { batch, width, reverse } = shape;
  const values = [from, batch, steps, rows, width, panels, reverse ? 1 : 0, mask, dropout, to];
  runtime().pool.run('toPanels', values, 4 * batch * steps * rows);
}

/** The reverse; zeros where the mask says so. */
export function fromPanels(
  { shape, panels }: Workspace,
  from: number,
  steps: number,
  rows: number,
  mask: number,
  to: number,
): void {
  const { batch, width, reverse } = shape;
  const values = [from, batch, steps, rows, width, panels, reverse ? 1 : 0, mask, to];
  runtime().pool.run('fromPanels', values, 4 * batch * steps * rows);
}

/** Without any step nothing has been put out, and where masked steps put out zeros the last output is zeros too. */
export function noOutput({ steps, zeroMaskedOutput }: RecurrentShape): boolean {
  return steps === 0 && zeroMaskedOutput;
}

/** Address of the mask by which the last output is zeros; 0: it never is. */
export function lastZeros({ shape, panels, mask }: Workspace): number {
  const { steps, width, zeroMaskedOutput } = shape;
  return zeroMaskedOutput && mask && steps > 0 ? mask + 4 * (steps - 1) * panels * width : 0;
}
