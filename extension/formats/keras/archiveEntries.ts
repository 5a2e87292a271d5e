import { UserError } from '../../protocol/userError.ts';
import { jsonFault } from '../jsonFault.ts';
import { largestJson } from '../largestJson.ts';
import type { ZipArchive } from '../zip/archive.ts';

/** Where a `.keras` archive has the model's configuration. */
export const configEntry = 'config.json';
/** Where it has the weights. */
export const weightsEntry = 'model.weights.h5';
const metadataEntry = 'metadata.json';

/** Both texts of an archive, and the version of Keras in the second. Throws `UserError` fileDamaged, tooLarge, notAModel. */
export async function archiveTexts(
  zip: ZipArchive,
  path: string,
): Promise<{ readonly configText: string; readonly kerasVersion: string | undefined }> {
  const configText = await zip.text(zip.entry(configEntry, largestJson));
  const metadata = await zip.text(zip.entry(metadataEntry, largestJson));
  const fault = jsonFault(metadata);
  if (fault) throw new UserError('notAModel', { file: path }, fault);
  try {
    const { keras_version: version } = JSON.parse(metadata) as { keras_version?: unknown };
    return { configText, kerasVersion: typeof version === 'string' ? version : undefined };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new UserError('notAModel', { file: path }, { code: 'reasonBadConfig', args: { detail } });
  }
}
