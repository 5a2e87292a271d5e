import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { auto } from '../../../extension/jobs/auto.ts';
import { prune } from '../../../extension/jobs/prune.ts';
import type { AutoOptions, AutoReport, AutoTrial, TrialResult } from '../../../extension/protocol/auto.ts';
import type { JobProgress } from '../../../extension/protocol/requests.ts';
import { type Place, recordedContext } from '../../support/jobContext.ts';
import { data, inPlace, models } from './finetuneJobs.ts';

/** A quick search on a small model. */
export const options: AutoOptions = {
  data,
  epochs: 1,
  batch: 16,
  learningRate: 0.02,
  maxLossIncrease: '60%',
  trials: 4,
  threads: 1,
};

/** The small model as it is once it has learned something that pruning can take away. */
export async function trained(suffix: keyof typeof models = '.h5'): Promise<string> {
  const recipe = { data, sparsity: 0, epochs: 30, batch: 8, learningRate: 0.02, threads: 1 };
  const model = await models[suffix]();
  return inPlace(model, async (place, checkpoints) => {
    const { output } = await prune({ path: place.model, recipe, checkpoints }, recordedContext());
    copyFileSync(output, model);
    return model;
  });
}

export interface Searched {
  readonly report: AutoReport;
  readonly seen: readonly JobProgress[];
}

/** @param cancelAt gives the search up when it says so */
export async function search(
  { model }: Place,
  checkpoints: string,
  changes: Partial<AutoOptions> = {},
  cancelAt?: (progress: JobProgress) => boolean,
): Promise<Searched> {
  const context = recordedContext(cancelAt);
  const report = await auto({ path: model, options: { ...options, ...changes }, checkpoints }, context);
  return { report, seen: context.seen };
}

export function resultOf({ result }: AutoTrial): TrialResult {
  assert.ok(result);
  return result;
}

/** What two runs of the same search have in common: all but how long they took, and where they wrote. */
export function timeless({ report }: Pick<Searched, 'report'>): object {
  const { seconds, output, trials, ...rest } = report;
  const kept = trials.map(({ seconds, result, ...trial }) => ({ ...trial, result: { ...result, file: '' } }));
  return { ...rest, trials: kept };
}

/** Trials that were made in a run, rather than taken from an earlier one. */
export function made({ seen }: Pick<Searched, 'seen'>): number[] {
  return [
    ...new Set(seen.flatMap(({ stage, search }) => (search && stage === 'evaluate' ? search.trial : []))),
  ];
}
