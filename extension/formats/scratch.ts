import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scratchPrefix } from '../protocol/temporaryNames.ts';

/** A folder for unpacked files, apart from the user's own; `remove` deletes it. */
export interface Scratch {
  file(name: string): string;
  remove(): Promise<void>;
}

export async function createScratch(): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), scratchPrefix(process.pid)));
  return {
    file: (name) => join(folder, name),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
