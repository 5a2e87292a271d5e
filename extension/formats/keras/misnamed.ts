import { UserError } from '../../protocol/userError.ts';
import { headOf } from '../bytes/headOf.ts';
import type { Format } from '../format.ts';
import { signature } from '../hdf5/signature.ts';
import { beginsLikeZip, ZipArchive } from '../zip/archive.ts';
import { kerasArchive } from './archive.ts';
import { configEntry, weightsEntry } from './archiveEntries.ts';
import { kerasHdf5 } from './hdf5.ts';

/** HDF5 that is called `.keras`, as TensorFlow before 2.12 wrote for that name, too. It stays what it is, and keeps its name. */
export const hdf5NamedArchive: Format = {
  ...kerasHdf5,
  suffixes: kerasArchive.suffixes,
  match: beginsLikeHdf5,
};

/** An archive of Keras 3 that is called like its HDF5 files. */
export const archiveNamedHdf5: Format = {
  ...kerasArchive,
  suffixes: kerasHdf5.suffixes,
  match: isArchive,
};

/** At the very beginning: farther inside, an archive has the signature of its weights. */
async function beginsLikeHdf5(path: string): Promise<boolean> {
  return (await headOf(path, signature.length)).equals(signature);
}

/** By its entries: HDF5 may stand behind anything, another archive among it. */
async function isArchive(path: string): Promise<boolean> {
  if (!(await beginsLikeZip(path))) return false;
  try {
    const zip = await ZipArchive.open(path);
    const names = new Set(zip.entries.map(({ fileName }) => fileName));
    zip.close();
    return names.has(configEntry) && names.has(weightsEntry);
  } catch (error) {
    // What is wrong with it is said by the format of its name.
    if (error instanceof UserError) return false;
    throw error;
  }
}
