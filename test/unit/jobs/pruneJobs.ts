import { prune } from '../../../extension/jobs/prune.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import type { PruneReport } from '../../../extension/protocol/report.ts';
import { type Place, placeOf, recordedContext } from '../../support/jobContext.ts';
import { writeKerasArchive, writeKerasH5 } from '../../support/kerasFile.ts';
import { floats, integers } from '../../support/npy.ts';
import { randomFloats, seeded } from '../../support/random.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { small, smallArchive, smallLegacy } from '../../support/smallModels.ts';
import { npzBytes } from '../../support/zip.ts';

export const write = scratchFiles();

/** Small models in both containers. */
export const makers = {
  '.h5': (name = 'model.h5') => writeKerasH5(write(name, ''), smallLegacy()),
  '.keras': (name = 'model.keras') => writeKerasArchive(write(name, ''), smallArchive()),
};

/** An .npz of 20 samples for the small models. */
export function smallData(): string {
  const next = seeded(6);
  const { steps, inputs, classes } = small;
  const x = floats([20, steps, inputs], randomFloats(20 * steps * inputs, next));
  const y = integers(
    [20],
    Array.from({ length: 20 }, () => Math.floor(next() * classes)),
  );
  return write('data.npz', npzBytes({ x, y }));
}

/** A copy of a model in a folder of its own. */
export async function inPlace<T>(model: string, use: (place: Place) => Promise<T>): Promise<T> {
  const place = placeOf(model);
  try {
    return await use(place);
  } finally {
    place.remove();
  }
}

/** Prunes a model in its place, by its recipe alone. */
export function run(place: Place, recipe: Recipe): Promise<PruneReport> {
  return prune({ path: place.model, recipe }, recordedContext());
}
