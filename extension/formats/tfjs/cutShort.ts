import { basename } from 'node:path';
import type { UserError } from '../../protocol/userError.ts';
import { damaged } from '../damaged.ts';
import type { GroupBytes } from './groupBytes.ts';

/** Bytes that TensorFlow.js and its converter put into each file of a group but the last, unless told otherwise. */
const usualBytes = 4 * 2 ** 20;

/**
 * The file of a group that is too short; where the files are not cut as usual, which it is cannot be told.
 * @param needed bytes that the manifest puts into the group
 * @param file the `model.json`
 */
export function cutShort({ shards, size }: GroupBytes, needed: number, file: string): UserError {
  const each = shards.length === 1 ? needed : usualBytes;
  if (Math.ceil(needed / each) === shards.length)
    for (const [i, { path, size: found }] of shards.entries()) {
      const expected = Math.min(each, needed - i * each);
      if (found < expected) return damaged(path, { code: 'reasonBytes', args: { expected, found } });
    }
  const names = shards.map(({ path }) => basename(path));
  return damaged(file, { code: 'reasonFilesBytes', args: { names, expected: needed, found: size } });
}
