import { lstat, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UserError } from '../protocol/userError.ts';
import { suffixOf } from './open.ts';

/** `model.h5` becomes `model.pruned.h5`, then `model.pruned-2.h5`: the first sibling that does not exist. */
export async function freeOutputName(
  original: string,
  taken: (candidate: string) => boolean = () => false,
): Promise<string> {
  const suffix = suffixOf(original);
  const stem = original.slice(0, -suffix.length);
  for (let n = 1; ; n++) {
    const candidate = `${stem}.pruned${n === 1 ? '' : `-${n}`}${suffix}`;
    // Asked last, so that nothing comes between the answer and whoever reserves the name.
    if (!(await exists(candidate)) && !taken(candidate)) return candidate;
  }
}

/** Names that jobs of this process are going to write. */
const reserved = new Set<string>();

/** An output name that no other job of this process is given until it is released. */
export interface ReservedName {
  readonly path: string;
  release(): void;
}

/** `freeOutputName`, for jobs that run side by side. */
export async function reserveOutputName(original: string): Promise<ReservedName> {
  const path = await freeOutputName(original, (candidate) => reserved.has(candidate));
  reserved.add(path);
  return { path, release: () => reserved.delete(path) };
}

/** Checks a chosen output: not the original, same suffix, not there yet unless forced. */
export async function checkOutput(original: string, output: string, force: boolean): Promise<void> {
  const suffix = suffixOf(original).toLowerCase();
  if (!output.toLowerCase().endsWith(suffix))
    throw new UserError('outputFormat', { file: output, extension: suffix });
  if (resolve(output) === resolve(original) || (await sameFile(output, original)))
    throw new UserError('outputIsOriginal', { file: output });
  if (!force && (await exists(output))) throw new UserError('outputExists', { file: output });
}

/** Whether two paths lead to one file, by links or by another case. */
async function sameFile(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all(
    [a, b].map((path) => stat(path, { bigint: true }).catch(() => undefined)),
  );
  return one !== undefined && other !== undefined && one.dev === other.dev && one.ino === other.ino;
}

/** A link that leads nowhere exists too. */
async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
