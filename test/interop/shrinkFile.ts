import { extname } from 'node:path';
import { mainFileOf } from '../../extension/formats/mainFileOf.ts';
import { openModel } from '../../extension/formats/open.ts';
import { readMasked } from '../../extension/model/parameter.ts';
import type { Message } from '../../extension/protocol/messages.ts';
import { solveShrinking } from '../../extension/pruning/units/shrink.ts';
import { unitSetsOf } from '../../extension/pruning/units/unitSets.ts';
import { type MaskedPart, maskHalf } from '../support/maskUnits.ts';
import { seeded } from '../support/random.ts';

export interface ShrunkFiles {
  /** Absent where every unit stays. */
  readonly files?: { readonly masked: string; readonly shrunk: string };
  /** Why units stay whatever is masked. */
  readonly frozen: readonly Message[];
}

/** Masks a part of random units of a model and saves it with and without them, beside the original. */
export async function shrinkFile(path: string, part: MaskedPart = 'all'): Promise<ShrunkFiles> {
  const model = await openModel(path);
  try {
    maskHalf(unitSetsOf(model), seeded(3), part);
    const { shrinking, frozen } = await solveShrinking(model, readMasked);
    const reasons = frozen.map(({ reason }) => reason);
    if (!shrinking) return { frozen: reasons };
    const suffix = extname(path);
    const ending = model.folder === undefined ? suffix : '';
    const [masked, shrunk] = ['masked', 'shrunk'].map(
      (as) => `${path.slice(0, -suffix.length)}.${part}.${as}${ending}`,
    );
    await model.save(masked, { compress: false });
    await model.save(shrunk, { compress: false, shrink: shrinking });
    const files = { masked: mainFileOf(model, masked), shrunk: mainFileOf(model, shrunk) };
    return { files, frozen: reasons };
  } finally {
    await model.close();
  }
}
