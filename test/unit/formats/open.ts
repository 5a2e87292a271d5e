import { openModel } from '../../../extension/formats/open.ts';
import type { Model } from '../../../extension/model/model.ts';
import type { StoredWeight } from '../../support/kerasFile.ts';
import { randomFloats, seeded } from '../../support/random.ts';

const next = seeded(31);

/** A dataset of seeded values. */
export function weight(name: string, ...shape: number[]): StoredWeight {
  return {
    name,
    shape,
    values: randomFloats(
      shape.reduce((a, b) => a * b, 1),
      next,
    ),
  };
}

/** Opens a model, lets `use` look at it, and closes it. */
export async function withModel<T>(path: string, use: (model: Model) => T | Promise<T>): Promise<T> {
  const model = await openModel(path);
  try {
    return await use(model);
  } finally {
    await model.close();
  }
}
