import { UserError } from '../../protocol/userError.ts';
import type { ZipArchive } from '../zip/archive.ts';
import type { TorchScript } from './torchFile.ts';

/** Bytes of all sources together, which are gone through in less than two seconds; those of the largest known models take less. */
const mostSources = 6 * 2 ** 20;

/**
 * The code of a TorchScript archive.
 * @param prefix of all entries, which is the archive's name
 */
export function scriptIn(
  path: string,
  archive: ZipArchive,
  prefix: string,
): Pick<TorchScript, 'sources' | 'hasBytecode'> {
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
  };
}
