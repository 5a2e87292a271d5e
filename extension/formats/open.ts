import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import type { Model } from '../model/model.ts';
import type { ProbeResult } from '../protocol/requests.ts';
import { UserError } from '../protocol/userError.ts';
import type { Format } from './format.ts';
import { kerasArchive } from './keras/archive.ts';
import { kerasHdf5 } from './keras/hdf5.ts';

const formats: readonly Format[] = [kerasArchive, kerasHdf5];

/**
 * Opens a model file. No weights are read yet; the caller closes the model. Throws `UserError`: fileNotFound,
 * fileUnreadable, formatUnknown, fileDamaged, notAModel, …
 * @param name tells the format where the path cannot, as that of a temporary file
 */
export async function openModel(path: string, name = path): Promise<Model> {
  const format = formatOf(name);
  await checkReadable(path);
  return format.open(path);
}

/** A quick look at a model file that reads no weights. Throws like `openModel`. */
export async function probeModel(path: string): Promise<ProbeResult> {
  const format = formatOf(path);
  await checkReadable(path);
  return format.probe(path);
}

/** The suffix that an output must share with its original, such as `.h5`. */
export function suffixOf(path: string): string {
  const lower = path.toLowerCase();
  const suffix = formatOf(path).suffixes.find((candidate) => lower.endsWith(candidate)) as string;
  return path.slice(-suffix.length);
}

function formatOf(path: string): Format {
  const lower = path.toLowerCase();
  const format = formats.find(({ suffixes }) => suffixes.some((suffix) => lower.endsWith(suffix)));
  if (!format) throw new UserError('formatUnknown', { file: path });
  return format;
}

async function checkReadable(path: string): Promise<void> {
  try {
    await access(path, constants.R_OK);
    if ((await stat(path)).isFile()) return;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new UserError('fileNotFound', { file: path });
    throw new UserError('fileUnreadable', { file: path, reason: message });
  }
  throw new UserError('formatUnknown', { file: path });
}
