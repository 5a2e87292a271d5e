import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { copyPlain } from '../copyPlain.ts';

/** What TensorFlow and Keras write into the folder of a SavedModel; other files that lie there are no part of it. */
const partNames = [
  'saved_model.pb',
  'fingerprint.pb',
  'keras_metadata.pb',
  'variables',
  'assets',
  'assets.extra',
];

interface Part {
  /** Below the folder of the model. */
  readonly name: string;
  readonly isFolder: boolean;
  readonly bytes: number;
}

/**
 * The files and folders of a SavedModel, a folder before what is in it; links count as what they lead to, but are not followed to folders.
 */
export async function partsOf(folder: string): Promise<Part[]> {
  const present = new Set(await readdir(folder));
  const parts: Part[] = [];
  for (const name of partNames) if (present.has(name)) await collect(folder, name, parts);
  return parts;
}

async function collect(folder: string, name: string, parts: Part[]): Promise<void> {
  const found = await stat(join(folder, name));
  if (found.isFile()) parts.push({ name, isFolder: false, bytes: found.size });
  if (!found.isDirectory()) return;
  parts.push({ name, isFolder: true, bytes: 0 });
  for (const entry of await readdir(join(folder, name), { withFileTypes: true })) {
    const inside = join(name, entry.name);
    const leadsToFolder = entry.isSymbolicLink() && (await stat(join(folder, inside))).isDirectory();
    if (!leadsToFolder) await collect(folder, inside, parts);
  }
}

/** Copies a SavedModel to a folder that does not exist; the copy can be written even where the original cannot. */
export async function copyParts(folder: string, target: string): Promise<void> {
  await mkdir(target);
  for (const { name, isFolder } of await partsOf(folder)) {
    if (isFolder) await mkdir(join(target, name));
    else await copyPlain(join(folder, name), join(target, name));
  }
}
