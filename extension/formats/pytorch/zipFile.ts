import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Entry } from 'yauzl';
import { UserError } from '../../protocol/userError.ts';
import { FileBytes } from '../bytes/fileBytes.ts';
import { nodesBelow } from '../pickle/nodes.ts';
import { readPickle } from '../pickle/read.ts';
import type { PickleValue } from '../pickle/values.ts';
import { ZipArchive } from '../zip/archive.ts';
import { mendChecksums } from '../zip/mendChecksums.ts';
import { storedPlace } from '../zip/storedPlace.ts';
import { writeStored } from '../zip/write.ts';
import { noWeights } from './noWeights.ts';
import { largestPickle, tooLarge } from './pickleAt.ts';
import { scriptIn } from './scriptFiles.ts';
import { storageReference } from './storageReference.ts';
import type { Rewriting, TorchFile } from './torchFile.ts';

const pickleName = /^[^/]+\/data\.pkl$/;
const usualAlignment = 64;
/** No text entry that is looked at is longer. */
const longestText = 32;

/** Whether an archive is PyTorch's. */
export function isTorchArchive({ entries }: ZipArchive): boolean {
  return entries.some(({ fileName }) => pickleName.test(fileName));
}

/**
 * Opens the format that torch.save writes since PyTorch 1.6, and torch.jit.save: a zip archive with a pickle, data.pkl, and one STORED
 * entry for each storage. Throws fileDamaged, notATorchModel, tooLarge.
 */
export async function openZipFile(path: string): Promise<TorchFile> {
  const archive = await ZipArchive.open(path);
  let file: FileBytes | undefined;
  try {
    file = await FileBytes.open(path);
    return await describe(path, archive, file);
  } catch (error) {
    archive.close();
    await file?.close();
    throw error;
  }
}

async function describe(path: string, archive: ZipArchive, file: FileBytes): Promise<TorchFile> {
  const pickled = archive.entries.find(({ fileName }) => pickleName.test(fileName));
  if (!pickled) throw noWeights(path, { code: 'reasonNoEntry', args: { entry: 'data.pkl' } });
  const prefix = pickled.fileName.slice(0, -'data.pkl'.length);
  const byName = new Map(archive.entries.map((entry) => [entry.fileName, entry]));
  const place = async (entry: Entry) => ({
    at: await storedPlace(file, entry, path),
    bytes: entry.uncompressedSize,
  });
  const text = async (name: string) => {
    const entry = byName.get(prefix + name);
    if (!entry || entry.uncompressedSize > longestText) return undefined;
    const { at, bytes } = await place(entry);
    return (await file.read(at, bytes)).toString('latin1');
  };
  if ((await text('byteorder')) === 'big') throw noWeights(path, { code: 'reasonBigEndian', args: {} });
  const pickleIn = async (entry: Entry) => {
    if (entry.uncompressedSize > largestPickle) throw tooLarge(path, entry.uncompressedSize);
    const pickle = await place(entry);
    const { value, runners } = readPickle(await file.read(pickle.at, pickle.bytes), path);
    return { entry, pickle, root: value, runners };
  };
  const main = await pickleIn(pickled);
  const constants = byName.get(`${prefix}constants.pkl`);
  // Freezing leaves objects without weights; those are constants of the code then.
  const frozen = constants && !holdsStorages(main.root) ? await pickleIn(constants) : undefined;
  const isFrozen = frozen !== undefined && holdsStorages(frozen.root);
  const { entry: weights, root, pickle } = isFrozen ? frozen : main;
  const script = constants && {
    isFrozen,
    ...scriptIn(path, archive, prefix),
    constants: async () => ({
      root: (await pickleIn(constants)).root,
      storage: (key: string) => place(storageEntry(key, constants)),
    }),
  };
  const storageEntry = (key: string, of = weights): Entry => {
    const name = of.fileName.replace(/\.pkl$/, '/') + key;
    const entry = byName.get(name);
    if (entry) return entry;
    throw new UserError('fileDamaged', { file: path }, { code: 'reasonNoEntry', args: { entry: name } });
  };
  // PyTorch can be told to write no checksums (set_crc32_options), so they are not looked at.
  const oldBytes = async function* (entry: Entry): AsyncGenerator<Buffer> {
    if (entry.compressionMethod !== 0) yield* archive.bytes(entry);
    else {
      const { at, bytes } = await place(entry);
      yield* file.chunks(at, bytes);
    }
  };
  return {
    path,
    file,
    pickle,
    ...(script && { script }),
    format: script ? 'TorchScript' : 'PyTorch',
    root,
    runners: [main, ...(frozen ? [frozen] : [])].flatMap(({ runners }) => runners),
    storage: (key) => place(storageEntry(key)),
    mend: async (copy, keys, step) => {
      const changed = [...keys].map(async (key) => {
        const entry = storageEntry(key);
        return { entry, at: (await place(entry)).at };
      });
      const handle = await open(copy, 'r+');
      try {
        await mendChecksums(handle, archive, await Promise.all(changed), step);
      } finally {
        await handle.close();
      }
    },
    rewrite: async (target, rewriting, step) => {
      const alignment = Number(await text('.storage_alignment')) || usualAlignment;
      const entries = archive.entries.map((like) => {
        const bytes = newBytes(like, { prefix, rewriting, weights }) ?? (() => oldBytes(like));
        return { like, bytes: () => stepped(bytes(), step) };
      });
      await writeStored(target, entries, alignment);
    },
    close: async () => {
      archive.close();
      await file.close();
    },
  };
}

/** What takes the place of an entry's bytes; undefined where they stay. */
function newBytes(
  { fileName }: Entry,
  { prefix, rewriting, weights }: { prefix: string; rewriting: Rewriting; weights: Entry },
): (() => AsyncIterable<Buffer>) | undefined {
  if (fileName === weights.fileName) return () => Readable.from([rewriting.pickle]);
  const source = rewriting.code?.get(fileName.slice(prefix.length));
  if (source !== undefined) return () => Readable.from([Buffer.from(source)]);
  const folder = weights.fileName.replace(/\.pkl$/, '/');
  if (!fileName.startsWith(folder)) return undefined;
  const storage = rewriting.storages.get(fileName.slice(folder.length));
  return storage && (() => storage.read());
}

function holdsStorages(root: PickleValue): boolean {
  for (const node of nodesBelow(root)) if (node.kind === 'persistent' && storageReference(node)) return true;
  return false;
}

async function* stepped(bytes: AsyncIterable<Buffer>, step?: () => Promise<void>): AsyncGenerator<Buffer> {
  await step?.();
  yield* bytes;
}
