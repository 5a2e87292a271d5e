import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isTemporaryOf, scratchPrefix } from '../../protocol/temporaryNames.ts';

/** Removes what a process that was killed could not: half-written files in `folders`, and its own temporary folders. */
export async function removeLeftovers(processId: number, folders: Iterable<string>): Promise<void> {
  const remove = async (folder: string, isLeft: (name: string) => boolean) => {
    // A folder that is gone or closed to us holds nothing that we could remove.
    const names = await readdir(folder).catch(() => []);
    const left = names.filter(isLeft).map((name) => join(folder, name));
    await Promise.all(left.map((path) => rm(path, { recursive: true, force: true }).catch(() => {})));
  };
  await Promise.all([
    ...[...new Set(folders)].map((folder) => remove(folder, (name) => isTemporaryOf(processId, name))),
    remove(tmpdir(), (name) => name.startsWith(scratchPrefix(processId))),
  ]);
}
