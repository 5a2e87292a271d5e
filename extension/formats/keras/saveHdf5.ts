import { copyPlain } from '../copyPlain.ts';
import { writeRebuilt } from '../hdf5/rebuild.ts';
import { attributePath } from '../hdf5/rebuildable.ts';
import { createScratch } from '../scratch.ts';
import type { KerasSaveOptions } from './model.ts';
import { type KerasParameter, writeWeights } from './parameters.ts';
import { layoutFor, rebuildPurpose } from './shrink.ts';

export const configAttribute = 'model_config';
export const optimizerGroup = '/optimizer_weights';

/** A copy of the original with trained weights, and 0 for masked ones, in place; every other byte stays unless the file is rebuilt. */
export async function saveHdf5(
  original: string,
  target: string,
  parameters: readonly KerasParameter[],
  { compress, rewritten, step }: KerasSaveOptions,
): Promise<void> {
  if (!compress && !rewritten) {
    await copyPlain(original, target);
    await writeWeights(target, parameters, original, step);
    return;
  }
  const scratch = await createScratch();
  try {
    const edited = scratch.file('edited.h5');
    await copyPlain(original, edited);
    await writeWeights(edited, parameters, original, step);
    const purpose = rebuildPurpose(original, rewritten ? 'shrink' : 'compress', optimizerGroup);
    const { attributes = [], ...layout } = layoutFor(purpose, rewritten);
    const config = attributePath('/', configAttribute);
    await writeRebuilt(edited, target, {
      ...purpose,
      ...layout,
      attributes: new Map([...attributes, ...(rewritten ? [[config, rewritten.configText] as const] : [])]),
      scratch,
      compress,
      step,
    });
  } finally {
    await scratch.remove();
  }
}
