import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scratchOwnerOf, writerOf } from './temporaryNames.ts';

/** Removes what a process that was killed could not: half-written files in `folders`, and its own temporary folders. */
export function removeLeftovers(processId: number, folders: Iterable<string>): Promise<void> {
  return removeOf((owner) => owner === processId, folders);
}

/** The same of all processes of this machine that run no more. */
export function sweepLeftovers(folder: string): Promise<void> {
  return removeOf((owner) => !isRunning(owner), [folder]);
}

async function removeOf(isLeft: (processId: number) => boolean, folders: Iterable<string>): Promise<void> {
  const remove = async (folder: string, ownerOf: (name: string) => number | undefined) => {
    // A folder that is gone or closed to us holds nothing that we could remove.
    const names = await readdir(folder).catch(() => []);
    const left = names.filter((name) => {
      const owner = ownerOf(name);
      return owner !== undefined && isLeft(owner);
    });
    const paths = left.map((name) => join(folder, name));
    await Promise.all(paths.map((path) => rm(path, { recursive: true, force: true }).catch(() => {})));
  };
  await Promise.all([
    ...[...new Set(folders)].map((folder) => remove(folder, writerOf)),
    remove(tmpdir(), scratchOwnerOf),
  ]);
}

/** Whether a process of this machine runs, whoever's it is. */
export function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // One of another user may not be signalled, but is there.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
