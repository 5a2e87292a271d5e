import { open } from 'node:fs/promises';
import { FileBytes } from '../bytes/fileBytes.ts';
import { writeWhole } from '../bytes/wholeCalls.ts';
import { checkTrained } from '../checkTrained.ts';
import { copyPlain } from '../copyPlain.ts';
import type { TorchContents } from './contents.ts';
import { allMoments, maskedMoments } from './optimizerState.ts';
import { editedSpan } from './parameters.ts';
import { newMasks } from './prunedPairs.ts';
import type { TorchFile } from './torchFile.ts';

/**
 * Writes a copy of the file with trained values, and 0 for masked ones and their moments, where the old values lie; only checksums change
 * beside them. Throws trainedNotFinite, fileDamaged.
 */
export async function saveInPlace(
  torch: TorchFile,
  contents: TorchContents,
  path: string,
  step?: () => Promise<void>,
): Promise<void> {
  await copyPlain(torch.path, path);
  const moments = await maskedMoments(torch, allMoments(torch, contents));
  const weights = contents.parameters.filter(({ mask, trained }) => mask || trained);
  const changed = [...weights, ...moments.values(), ...(await newMasks(weights)).values()];
  const copy = await open(path, 'r+');
  const present = await FileBytes.open(path, torch.path);
  try {
    for (const parameter of changed) {
      await step?.();
      await checkTrained(parameter, torch.path);
      // From the copy: views of one storage may lie between each other's elements.
      const { span } = await editedSpan(present, parameter);
      await writeWhole(copy, span, parameter.at);
    }
  } finally {
    await present.close();
    await copy.close();
  }
  await torch.mend(path, new Set(changed.map(({ tensor }) => tensor.storage)), step);
}
