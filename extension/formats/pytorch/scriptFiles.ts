import { UserError } from '../../protocol/userError.ts';
import type { FileBytes } from '../bytes/fileBytes.ts';
import { readPickle } from '../pickle/read.ts';
import type { ZipArchive } from '../zip/archive.ts';
import { storedPlace } from '../zip/storedPlace.ts';
import { largestPickle, tooLarge } from './pickleAt.ts';
import type { TorchScript } from './torchFile.ts';

/** Bytes of all sources together, which are gone through in a second; those of the largest known models take less than half. */
const mostSources = 8 * 2 ** 20;

/**
 * The code of a TorchScript archive; undefined of other archives.
 * @param prefix of all entries, which is the archive's name
 */
export function scriptIn(
  path: string,
  archive: ZipArchive,
  file: FileBytes,
  prefix: string,
): TorchScript | undefined {
  const pickled = archive.entries.find(({ fileName }) => fileName === `${prefix}constants.pkl`);
  if (!pickled) return undefined;
  const code = archive.entries.filter(
    ({ fileName }) => fileName.startsWith(`${prefix}code/`) && fileName.endsWith('.py'),
  );
  return {
    hasBytecode: archive.entries.some(({ fileName }) => fileName === `${prefix}bytecode.pkl`),
    sources: async () => {
      const needed = code.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
      if (needed > mostSources)
        throw new UserError('tooLarge', { file: path, what: 'code', needed, limit: mostSources });
      const sources = new Map<string, string>();
      for (const entry of code) sources.set(entry.fileName.slice(prefix.length), await archive.text(entry));
      return sources;
    },
    constants: async () => {
      const { uncompressedSize } = pickled;
      if (uncompressedSize > largestPickle) throw tooLarge(path, uncompressedSize);
      const bytes = await file.read(await storedPlace(file, pickled, path), uncompressedSize);
      return readPickle(bytes, path).value;
    },
  };
}
