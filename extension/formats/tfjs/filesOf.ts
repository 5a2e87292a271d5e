import { basename } from 'node:path';
import type { Model } from '../../model/model.ts';
import type { ModelJson } from './modelJson.ts';
import type { ShardArrays } from './shardArrays.ts';

/** What a model is made of on disk. */
export function filesOf(
  path: string,
  { text }: ModelJson,
  { files, size }: ShardArrays,
): Required<Pick<Model, 'bytes' | 'files' | 'folder'>> {
  return { bytes: Buffer.byteLength(text) + size, files: [path, ...files], folder: basename(path) };
}
