import type { Entry } from 'yauzl';
import { UserError } from '../../protocol/userError.ts';
import type { FileBytes } from '../bytes/fileBytes.ts';
import { type PickleRead, readPickle } from '../pickle/read.ts';
import type { ZipArchive } from '../zip/archive.ts';
import { storedPlace } from '../zip/storedPlace.ts';
import { noWeights } from './noWeights.ts';
import { largestPickle, tooLarge } from './pickleAt.ts';
import type { StoragePlace } from './torchFile.ts';

const pickleName = /^[^/]+\/data\.pkl$/;
/** No text entry that is looked at is longer. */
const longestText = 32;

/** Whether an archive is PyTorch's. */
export function isTorchArchive({ entries }: ZipArchive): boolean {
  return entries.some(({ fileName }) => pickleName.test(fileName));
}

/** A pickle, and the entry that it is. */
export interface EntryPickle extends Pick<PickleRead, 'value' | 'runners'> {
  readonly entry: Entry;
  readonly place: StoragePlace;
}

/** The entries of one of PyTorch's archives, which all stand in one folder. */
export class TorchEntries {
  /** The pickle of what was saved. */
  readonly main: Entry;
  /** The folder, with its slash. */
  readonly prefix: string;
  readonly #path: string;
  readonly #archive: ZipArchive;
  readonly #file: FileBytes;
  readonly #byName: ReadonlyMap<string, Entry>;

  /** Throws `UserError` notATorchModel where there is no such pickle. */
  constructor(path: string, archive: ZipArchive, file: FileBytes) {
    const main = archive.entries.find(({ fileName }) => pickleName.test(fileName));
    if (!main) throw noWeights(path, { code: 'reasonNoEntry', args: { entry: 'data.pkl' } });
    this.main = main;
    this.prefix = main.fileName.slice(0, -'data.pkl'.length);
    this.#path = path;
    this.#archive = archive;
    this.#file = file;
    this.#byName = new Map(archive.entries.map((entry) => [entry.fileName, entry]));
  }

  /** The entry of this name in the folder. */
  find(name: string): Entry | undefined {
    return this.#byName.get(this.prefix + name);
  }

  /** The storage of a pickle's tensors. Throws fileDamaged where there is none. */
  storage(key: string, pickle: Entry): Entry {
    const name = storageFolder(pickle) + key;
    const entry = this.#byName.get(name);
    if (entry) return entry;
    throw new UserError(
      'fileDamaged',
      { file: this.#path },
      { code: 'reasonNoEntry', args: { entry: name } },
    );
  }

  /** Where an entry's bytes lie in the file. */
  async place(entry: Entry): Promise<StoragePlace> {
    return { at: await storedPlace(this.#file, entry, this.#path), bytes: entry.uncompressedSize };
  }

  /** A word that an entry holds; undefined where there is none of a word's length. */
  async text(name: string): Promise<string | undefined> {
    const entry = this.find(name);
    if (!entry || entry.uncompressedSize > longestText) return undefined;
    const { at, bytes } = await this.place(entry);
    return (await this.#file.read(at, bytes)).toString('latin1');
  }

  async pickle(entry: Entry): Promise<EntryPickle> {
    if (entry.uncompressedSize > largestPickle) throw tooLarge(this.#path, entry.uncompressedSize);
    const place = await this.place(entry);
    const { value, runners } = readPickle(await this.#file.read(place.at, place.bytes), this.#path);
    return { entry, place, value, runners };
  }

  /** An entry's bytes. PyTorch can be told to write no checksums (set_crc32_options), so they are not looked at. */
  async *bytes(entry: Entry): AsyncGenerator<Buffer> {
    if (entry.compressionMethod !== 0) yield* this.#archive.bytes(entry);
    else {
      const { at, bytes } = await this.place(entry);
      yield* this.#file.chunks(at, bytes);
    }
  }
}

/** Where the storages of a pickle's tensors stand. */
export function storageFolder(pickle: Entry): string {
  return pickle.fileName.replace(/\.pkl$/, '/');
}
