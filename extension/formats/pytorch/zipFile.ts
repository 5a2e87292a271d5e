import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Entry } from 'yauzl';
import { FileBytes } from '../bytes/fileBytes.ts';
import { nodesBelow } from '../pickle/nodes.ts';
import type { PickleValue } from '../pickle/values.ts';
import { ZipArchive } from '../zip/archive.ts';
import { mendChecksums } from '../zip/mendChecksums.ts';
import { writeStored } from '../zip/write.ts';
import { noWeights } from './noWeights.ts';
import { scriptIn } from './scriptFiles.ts';
import { storageReference } from './storageReference.ts';
import type { Rewriting, TorchFile } from './torchFile.ts';
import { storageFolder, TorchEntries } from './zipEntries.ts';

const usualAlignment = 64;

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
  const entries = new TorchEntries(path, archive, file);
  if ((await entries.text('byteorder')) === 'big')
    throw noWeights(path, { code: 'reasonBigEndian', args: {} });
  const main = await entries.pickle(entries.main);
  const constants = entries.find('constants.pkl');
  // Freezing leaves objects without weights; those are constants of the code then.
  const frozen = constants && !holdsStorages(main.value) ? await entries.pickle(constants) : undefined;
  const isFrozen = frozen !== undefined && holdsStorages(frozen.value);
  const { entry: weights, value: root, place: pickle } = isFrozen ? frozen : main;
  const script = constants && {
    isFrozen,
    ...scriptIn(path, archive, entries.prefix),
    constants: async () => ({
      root: (await entries.pickle(constants)).value,
      storage: async (key: string) => entries.place(entries.storage(key, constants)),
    }),
  };
  return {
    path,
    file,
    pickle,
    ...(script && { script }),
    format: script ? 'TorchScript' : 'PyTorch',
    root,
    runners: [main, ...(frozen ? [frozen] : [])].flatMap(({ runners }) => runners),
    storage: async (key) => entries.place(entries.storage(key, weights)),
    mend: async (copy, keys, step) => {
      const changed = [...keys].map(async (key) => {
        const entry = entries.storage(key, weights);
        return { entry, at: (await entries.place(entry)).at };
      });
      const handle = await open(copy, 'r+');
      try {
        await mendChecksums(handle, archive, await Promise.all(changed), step);
      } finally {
        await handle.close();
      }
    },
    rewrite: async (target, rewriting, step) => {
      const alignment = Number(await entries.text('.storage_alignment')) || usualAlignment;
      const { prefix } = entries;
      const written = archive.entries.map((like) => {
        const bytes = newBytes(like, { prefix, rewriting, weights }) ?? (() => entries.bytes(like));
        return { like, bytes: () => stepped(bytes(), step) };
      });
      await writeStored(target, written, alignment);
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
  const folder = storageFolder(weights);
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
