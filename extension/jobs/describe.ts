import { writeFile } from 'node:fs/promises';
import { openModel, splitSuffix } from '../formats/open.ts';
import type { Model } from '../model/model.ts';
import type { Message } from '../protocol/messages.ts';
import { descriptionEnding, descriptionText } from '../protocol/modelDescription.ts';
import { messageOf } from '../protocol/userError.ts';

/**
 * Of weights in a list, makes sure that the output's layers are known to follow each other as those of the original: where the output does
 * not show it, with other widths or in another place, a description is written beside it. One that is there is the user's, and stays.
 */
export async function keepDescription(
  { described }: Pick<Model, 'described'>,
  output: string,
): Promise<Message[]> {
  if (!described) return [];
  const wanted = descriptionText(described);
  const file = `${splitSuffix(output).stem}${descriptionEnding}`;
  try {
    const written = await openModel(output);
    await written.close();
    if (written.described && descriptionText(written.described) === wanted) return [];
    await writeFile(file, wanted, { flag: 'wx' });
    return [{ code: 'noteDescribed', args: { file, output } }];
  } catch (error) {
    // The model itself is written and verified.
    return [{ code: 'noteNotDescribed', args: { file, output }, cause: messageOf(error) }];
  }
}
