import type { FileBytes } from '../bytes/fileBytes.ts';
import type { PickleValue } from '../pickle/values.ts';

/** Where the bytes of a storage lie in the file. */
export interface StoragePlace {
  readonly at: number;
  readonly bytes: number;
}

/** The bytes of a file that is laid out anew: its pickle, of the same length as before, storages by their names, and files of code. */
export interface Rewriting {
  readonly pickle: Buffer;
  readonly storages: ReadonlyMap<string, NewStorage>;
  readonly code?: ReadonlyMap<string, string>;
}

export interface NewStorage {
  readonly bytes: number;
  /** Reads it, piece by piece; may be called twice. */
  read(): AsyncIterable<Buffer>;
}

/** The code of a TorchScript archive, which states sizes of the weights. */
export interface TorchScript {
  /** The sources by their names in the archive: `code/__torch__/net.py`. Throws fileDamaged, tooLarge. */
  sources(): Promise<ReadonlyMap<string, string>>;
  /** The modules are gone, and their weights are what the sources call `CONSTANTS`, the file's `root`. */
  readonly isFrozen: boolean;
  /** What the sources call `CONSTANTS`, and where its storages lie. */
  constants(): Promise<Pick<TorchFile, 'root' | 'storage'>>;
  /** The code is there in compiled form, too, for the interpreter on phones. */
  readonly hasBytecode: boolean;
}

/** One of PyTorch's containers: a pickle, and outside of it the storages that the pickle's tensors are views of. */
export interface TorchFile {
  readonly path: string;
  /** For people: "PyTorch", "TorchScript". */
  readonly format: string;
  readonly file: FileBytes;
  readonly root: PickleValue;
  /** Names of functions in its pickles that would run code. */
  readonly runners: readonly string[];
  /** Where the pickle lies. */
  readonly pickle: StoragePlace;
  /** Of a TorchScript archive. */
  readonly script?: TorchScript;
  /** Throws fileDamaged where the file has no such storage, or the storage is not whole. */
  storage(key: string): Promise<StoragePlace>;
  /** Puts in order what goes with the bytes of storages that were changed in a copy of the file. */
  mend(copy: string, keys: Iterable<string>, step?: () => Promise<void>): Promise<void>;
  /** Writes the file with another pickle and other storages, all else as it was, to a path that does not exist. */
  rewrite(path: string, rewriting: Rewriting, step?: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}
