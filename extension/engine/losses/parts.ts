import { type Loss, partOf } from '../../model/loss.ts';
import { UserError } from '../../protocol/userError.ts';
import { blank, ctc, leastSteps } from './ctc.ts';
import { type Overlap, overlapLoss } from './overlap.ts';
import { headGradient } from './rowGradient.ts';
import { applyHead } from './rowLoss.ts';
import { forEachRow } from './rows.ts';
import { checkLabels } from './targets.ts';

/* Losses of what stands in several rows together: of each sample's steps, or of a whole batch. */

type Values = Float32Array | Int32Array | Uint8Array;

/** Targets as of outputs [B,…,C], or labels [B,L], class indices with zeros behind them; and the mask [B,T] of the outputs. */
export interface Parts {
  readonly samples: number;
  readonly targets: Values;
  readonly mask?: Values | undefined;
}

/** Samples that count: of single ones those that have a step which does. */
export function countSamples(loss: Loss, { samples, mask }: Parts): number {
  if (!mask || partOf(loss) === 'batch') return samples;
  const steps = mask.length / samples;
  let count = 0;
  for (let b = 0; b < samples; b++)
    if (mask.subarray(b * steps, (b + 1) * steps).some((one) => one !== 0)) count++;
  return count;
}

/**
 * The sum of the losses of samples that count, each over its steps that do; of a whole batch, all of whose steps do as in Keras, its loss
 * for every sample.
 * @param outputs [B,…,C]
 * @param gradient takes that of the sum, times a factor; must be zeros
 * @throws {UserError} lossMismatch where labels cannot be, or not in so many steps
 */
export function partLosses(
  loss: Loss,
  parts: Parts,
  outputs: Values,
  gradient?: { readonly into: Float32Array; readonly factor: number },
): number {
  const { width, head, options = {} } = loss;
  const scale = (options.weight ?? 1) * (partOf(loss) === 'batch' ? parts.samples : 1);
  let sum = 0;
  for (const { sample, rows } of partsOf(loss, parts, outputs.length / width)) {
    const z = predicted(loss, outputs, rows);
    const dz = gradient && new Float64Array(z.length);
    if (loss.name === 'ctc') sum += scale * ctc(z, width, labelsOf(loss, parts, sample, rows.length), dz);
    else sum += scale * overlapLoss(loss)(z, gathered(parts.targets, rows, width), dz);
    if (!gradient || !dz) continue;
    for (const [t, row] of rows.entries()) {
      const own = dz.subarray(t * width, (t + 1) * width);
      headGradient(z.subarray(t * width, (t + 1) * width), own, head);
      for (let c = 0; c < width; c++) gradient.into[row * width + c] = scale * gradient.factor * own[c];
    }
  }
  return sum;
}

/** Adds a batch, which is a part of a larger one, to what that one's outputs and targets have in common. */
export function addOverlap(loss: Loss, parts: Parts, outputs: Values, all: Overlap): void {
  for (const { rows } of partsOf(loss, parts, outputs.length / loss.width))
    all.add(predicted(loss, outputs, rows), gathered(parts.targets, rows, loss.width));
}

interface Part {
  readonly sample: number;
  readonly rows: readonly number[];
}

function partsOf(loss: Loss, { samples, mask }: Parts, all: number): Part[] {
  if (partOf(loss) === 'batch') return [{ sample: 0, rows: Array.from({ length: all }, (_, row) => row) }];
  const own = all / samples;
  const steps = (mask?.length ?? 0) / samples;
  return Array.from({ length: samples }, (_, sample) => {
    const rows: number[] = [];
    const kept = mask?.subarray(sample * steps, (sample + 1) * steps);
    forEachRow(own, kept, (row) => rows.push(sample * own + row));
    return { sample, rows };
  }).filter(({ rows }) => rows.length > 0);
}

/** Rows of outputs behind the head. */
function predicted({ width, head }: Loss, outputs: Values, rows: readonly number[]): Float64Array {
  const z = gathered(outputs, rows, width);
  for (let at = 0; at < z.length; at += width) applyHead(z.subarray(at, at + width), head);
  return z;
}

function gathered(values: Values, rows: readonly number[], width: number): Float64Array {
  const all = new Float64Array(rows.length * width);
  for (const [i, row] of rows.entries()) all.set(values.subarray(row * width, (row + 1) * width), i * width);
  return all;
}

/** What stands before the zeros behind. */
function labelsOf(loss: Loss, { samples, targets }: Parts, sample: number, steps: number): Values {
  const length = targets.length / samples;
  const given = targets.subarray(sample * length, (sample + 1) * length);
  const labels = given.subarray(0, given.findLastIndex((value) => value !== blank) + 1);
  checkLabels(loss, labels);
  const needed = leastSteps(labels);
  if (needed <= steps) return labels;
  const args = { labels: labels.length, needed, steps };
  throw new UserError('lossMismatch', { loss: loss.name }, { code: 'reasonLabelSteps', args });
}
