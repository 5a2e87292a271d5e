import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openModel } from '../../../extension/formats/open.ts';
import type { JobContext } from '../../../extension/jobs/context.ts';
import { prune } from '../../../extension/jobs/prune.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import type { JobProgress } from '../../../extension/protocol/requests.ts';
import { finetuneData } from '../../support/finetuneData.ts';
import { type Place, placeOf, recordedContext } from '../../support/jobContext.ts';
import { writeKerasArchive, writeKerasH5 } from '../../support/kerasFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { smallArchive, smallLegacy } from '../../support/smallModels.ts';
import { assertRefuses } from '../../support/throwsCode.ts';

export const write = scratchFiles();
export const data = write('data.npz', finetuneData({ train: 96, val: 32, test: 32 }));
export const recipe: Recipe = { sparsity: 0.6, data, epochs: 3, batch: 16, learningRate: 0.02 };
/** Of four epochs, six steps each. */
export const trained: Recipe = { ...recipe, epochs: 4 };

export const models = {
  '.h5': (changes = {}) => writeKerasH5(write('model.h5', ''), smallLegacy(1, changes)),
  '.keras': () => writeKerasArchive(write('model.keras', ''), smallArchive()),
};

/** A copy of a model in a folder of its own, and a folder for checkpoints. */
export async function inPlace<T>(
  model: string,
  use: (place: Place, checkpoints: string) => Promise<T>,
): Promise<T> {
  const place = placeOf(model);
  const checkpoints = await mkdtemp(join(tmpdir(), 'lstm-pruner-test-'));
  try {
    return await use(place, checkpoints);
  } finally {
    place.remove();
    await rm(checkpoints, { recursive: true, force: true });
  }
}

/** All weights of a file by name. */
export async function weightsOf(path: string): Promise<Map<string, Float32Array>> {
  const model = await openModel(path);
  try {
    const weights = new Map<string, Float32Array>();
    for (const parameter of model.parameters) weights.set(parameter.name, await parameter.read());
    return weights;
  } finally {
    await model.close();
  }
}

/** A context whose fine-tuning is ended when `when` says so. */
export function finishedContext(when: (progress: JobProgress) => boolean): JobContext {
  const finish = new AbortController();
  const progress = (now: JobProgress) => {
    if (when(now)) finish.abort();
  };
  return { signal: new AbortController().signal, finish: finish.signal, progress };
}

/** Breaks a job off within its third epoch and gives its checkpoint. */
export async function brokenOff(place: Place, checkpoints: string, changes: Recipe = {}): Promise<string> {
  const request = { path: place.model, recipe: { ...recipe, epochs: 5, ...changes }, checkpoints };
  await assertRefuses(
    () =>
      prune(
        request,
        recordedContext(({ finetune }) => finetune?.epoch === 3),
      ),
    'cancelled',
  );
  const [name] = readdirSync(checkpoints);
  return join(checkpoints, name);
}
