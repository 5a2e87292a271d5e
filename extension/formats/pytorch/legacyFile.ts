import { type FileHandle, open } from 'node:fs/promises';
import { UserError } from '../../protocol/userError.ts';
import { FileBytes } from '../bytes/fileBytes.ts';
import { damaged } from '../damaged.ts';
import { nodesBelow } from '../pickle/nodes.ts';
import type { PickleValue } from '../pickle/values.ts';
import { noWeights } from './noWeights.ts';
import { pickleAt } from './pickleAt.ts';
import { storageReference } from './storageReference.ts';
import type { NewStorage, Rewriting, StoragePlace, TorchFile } from './torchFile.ts';
import { Walk } from './walk.ts';

const magicNumber = 0x1950a86a20f9469cfc6cn;
/** The magic number as it stands in the file, whatever the pickle's protocol. */
const magicBytes = Buffer.from('8a0a6cfc9c46f9206aa85019', 'hex');
const protocolVersion = 1001;
/** Each storage begins with the number of its elements. */
const countBytes = 8;

/** Behind the number of the pickle's protocol, and from protocol 4 on the length of a frame. */
const farthestMagic = 11;

/** Whether a file begins like the legacy format. */
export function isLegacy(head: Buffer): boolean {
  const at = head.indexOf(magicBytes);
  return at >= 0 && at <= farthestMagic;
}

/** Whether a file begins like a pickle of any protocol that has a number. */
export function isPickle(head: Buffer): boolean {
  return head[0] === 0x80 && head[1] >= 2 && head[1] <= 5;
}

/** Whether a file begins like a tar archive, which PyTorch wrote before version 0.2. */
export function isTar(head: Buffer): boolean {
  return head.toString('latin1', 257, 262) === 'ustar';
}

/**
 * Opens the format that torch.save wrote before PyTorch 1.6 (torch/serialization.py, _legacy_load): pickles of a magic number, of a
 * version, of facts of the machine, of what was saved, and of the storages' names; then the storages. Throws fileDamaged, notATorchModel,
 * tooLarge.
 */
export async function openLegacyFile(path: string): Promise<TorchFile> {
  const file = await FileBytes.open(path);
  try {
    return await describe(path, file);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function describe(path: string, file: FileBytes): Promise<TorchFile> {
  const magic = await pickleAt(file, 0, path);
  const version = await pickleAt(file, magic.end, path);
  if (magic.value !== magicNumber || version.value !== protocolVersion) throw damaged(path);
  const machine = await pickleAt(file, version.end, path);
  if (new Walk(path).entry(machine.value, 'little_endian') === false)
    throw noWeights(path, { code: 'reasonBigEndian', args: {} });
  const saved = await pickleAt(file, machine.end, path);
  const names = await pickleAt(file, saved.end, path);
  const storages = await storagePlaces(file, { root: saved.value, names: names.value, at: names.end, path });
  const pickle = { at: machine.end, bytes: saved.end - machine.end };
  return {
    path,
    file,
    pickle,
    format: 'PyTorch (legacy)',
    root: saved.value,
    runners: [magic, version, machine, saved, names].flatMap(({ runners }) => runners),
    storage: async (key) => {
      const place = storages.get(key);
      if (!place) throw damaged(path);
      return place;
    },
    // Nothing in the file depends on the storages' bytes.
    mend: async () => {},
    rewrite: async (target, rewriting, step) => {
      const copy = await open(target, 'wx');
      try {
        await copyRange(file, 0, pickle.at, copy);
        await copy.appendFile(rewriting.pickle);
        await copyRange(file, saved.end, names.end - saved.end, copy);
        await writeStorages({ file, copy, storages, rewriting, step });
      } finally {
        await copy.close();
      }
    },
    close: () => file.close(),
  };
}

interface LegacyPlace extends StoragePlace {
  /** Bytes of an element, by which the count before the bytes counts. */
  readonly width: number;
}

/** Goes from storage to storage. The pickle alone says of what type their elements are. */
async function storagePlaces(
  file: FileBytes,
  { root, names, at, path }: { root: PickleValue; names: PickleValue; at: number; path: string },
): Promise<Map<string, LegacyPlace>> {
  const widths = new Map<string, number>();
  for (const node of nodesBelow(root)) {
    const storage = node.kind === 'persistent' ? storageReference(node) : undefined;
    if (storage) widths.set(storage.key, storage.type.bytes);
  }
  const places = new Map<string, LegacyPlace>();
  let next = at;
  for (const name of new Walk(path).items(names) ?? []) {
    const key = typeof name === 'number' ? String(name) : name;
    const width = typeof key === 'string' ? widths.get(key) : undefined;
    if (typeof key !== 'string' || width === undefined || places.has(key)) throw damaged(path);
    const count = Number((await file.read(next, countBytes)).readBigInt64LE());
    const bytes = count * width;
    if (!Number.isSafeInteger(bytes) || bytes < 0) throw damaged(path);
    if (next + countBytes + bytes > file.size)
      throw new UserError('fileDamaged', { file: path }, { code: 'reasonTruncated', args: {} });
    places.set(key, { at: next + countBytes, bytes, width });
    next += countBytes + bytes;
  }
  return places;
}

async function writeStorages({
  file,
  copy,
  storages,
  rewriting,
  step,
}: {
  file: FileBytes;
  copy: FileHandle;
  storages: ReadonlyMap<string, LegacyPlace>;
  rewriting: Rewriting;
  step?: (() => Promise<void>) | undefined;
}): Promise<void> {
  for (const [key, { at, bytes, width }] of storages) {
    await step?.();
    const changed: NewStorage | undefined = rewriting.storages.get(key);
    const count = Buffer.alloc(countBytes);
    count.writeBigInt64LE(BigInt((changed?.bytes ?? bytes) / width));
    await copy.appendFile(count);
    if (changed) for await (const chunk of changed.read()) await copy.appendFile(chunk);
    else await copyRange(file, at, bytes, copy);
  }
}

async function copyRange(file: FileBytes, at: number, length: number, to: FileHandle): Promise<void> {
  for await (const chunk of file.chunks(at, length)) await to.appendFile(chunk);
}
