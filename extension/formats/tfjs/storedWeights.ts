import { sizeOf } from '../../model/parameter.ts';
import { UserError } from '../../protocol/userError.ts';
import { cutShort } from './cutShort.ts';
import type { GroupBytes } from './groupBytes.ts';
import { storedBytes, type WeightEntry, type WeightGroup } from './manifest.ts';

/** Where a tensor of the manifest lies. */
export interface StoredWeight extends WeightEntry {
  /** First byte in its group, and how many. */
  readonly at: number;
  readonly bytes: number;
}

/** Finds the tensors of a group among its bytes. Throws `UserError` fileDamaged where the files are too short for them. */
export async function storedWeights(
  { weights }: WeightGroup,
  group: GroupBytes,
  file: string,
): Promise<StoredWeight[]> {
  let at = 0;
  const found: StoredWeight[] = [];
  for (const weight of weights) {
    const bytes = storedBytes(weight) ?? (await bytesOfTexts(weight, group, at, file));
    found.push({ ...weight, at, bytes });
    at += bytes;
  }
  if (at > group.size) throw cutShort(group, at, file);
  return found;
}

const lengthBytes = 4;
const window = 2 ** 16;

/** Texts stand one behind the other, each behind its length in 32 bits. */
async function bytesOfTexts(
  { shape }: WeightEntry,
  group: GroupBytes,
  start: number,
  file: string,
): Promise<number> {
  const count = sizeOf(shape);
  if (count * lengthBytes > group.size - start) throw truncated(file);
  let at = start;
  let loaded: Buffer = Buffer.alloc(0);
  let from = start;
  for (let i = 0; i < count; i++) {
    if (at + lengthBytes > from + loaded.length) {
      from = at;
      loaded = await group.read(at, Math.min(window, Math.max(group.size - at, lengthBytes)));
    }
    at += lengthBytes + loaded.readUInt32LE(at - from);
  }
  return at - start;
}

function truncated(file: string): UserError {
  return new UserError('fileDamaged', { file }, { code: 'reasonTruncated', args: {} });
}
