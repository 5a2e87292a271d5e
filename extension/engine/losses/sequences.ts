import type { Loss } from '../../model/loss.ts';
import { UserError } from '../../protocol/userError.ts';
import { blank, ctc, leastSteps } from './ctc.ts';
import { headGradient } from './rowGradient.ts';
import { applyHead } from './rowLoss.ts';
import { forEachRow } from './rows.ts';
import { checkLabels } from './targets.ts';

type Values = Float32Array | Int32Array | Uint8Array;

/** Targets [B,L], class indices with zeros behind them, and the mask [B,T] of the outputs. */
export interface Sequences {
  readonly samples: number;
  readonly targets: Values;
  readonly mask?: Values | undefined;
}

/** Samples that count: those that have a step which does. */
export function countSequences({ samples, mask }: Sequences): number {
  if (!mask) return samples;
  const steps = mask.length / samples;
  let count = 0;
  for (let b = 0; b < samples; b++)
    if (mask.subarray(b * steps, (b + 1) * steps).some((one) => one !== 0)) count++;
  return count;
}

/**
 * The sum of the losses of samples that count, each over its steps that do.
 * @param outputs [B,T,C]
 * @param gradient takes that of the sum, times a factor; must be zeros
 * @throws {UserError} lossMismatch where labels cannot be, or not in so many steps
 */
export function sequenceLosses(
  loss: Loss,
  { samples, targets, mask }: Sequences,
  outputs: Values,
  gradient?: { readonly into: Float32Array; readonly factor: number },
): number {
  const { width, head, options = {} } = loss;
  const { weight = 1 } = options;
  const [length, steps] = [targets.length / samples, outputs.length / width / samples];
  let sum = 0;
  for (let b = 0; b < samples; b++) {
    const rows: number[] = [];
    forEachRow(steps, mask?.subarray(b * steps, (b + 1) * steps), (row) => rows.push(b * steps + row));
    if (rows.length === 0) continue;
    const labels = labelsOf(loss, targets.subarray(b * length, (b + 1) * length), rows.length);
    const z = new Float64Array(rows.length * width);
    for (const [t, row] of rows.entries()) {
      z.set(outputs.subarray(row * width, (row + 1) * width), t * width);
      applyHead(z.subarray(t * width, (t + 1) * width), head);
    }
    const dz = gradient && new Float64Array(z.length);
    sum += weight * ctc(z, width, labels, dz);
    if (!gradient || !dz) continue;
    for (const [t, row] of rows.entries()) {
      const own = dz.subarray(t * width, (t + 1) * width);
      headGradient(z.subarray(t * width, (t + 1) * width), own, head);
      for (let c = 0; c < width; c++) gradient.into[row * width + c] = weight * gradient.factor * own[c];
    }
  }
  return sum;
}

/** What stands before the zeros behind. */
function labelsOf(loss: Loss, targets: Values, steps: number): Values {
  const labels = targets.subarray(0, targets.findLastIndex((value) => value !== blank) + 1);
  checkLabels(loss, labels);
  const needed = leastSteps(labels);
  if (needed <= steps) return labels;
  throw new UserError(
    'lossMismatch',
    { loss: loss.name },
    { code: 'reasonLabelSteps', args: { labels: labels.length, needed, steps } },
  );
}
