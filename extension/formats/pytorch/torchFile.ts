import type { FileBytes } from '../bytes/fileBytes.ts';
import type { PickleValue } from '../pickle/values.ts';

/** Where the bytes of a storage lie in the file. */
export interface StoragePlace {
  readonly at: number;
  readonly bytes: number;
}

/** The bytes of a file that is laid out anew: its pickle, of the same length as before, and storages by their names. */
export interface Rewriting {
  readonly pickle: Buffer;
  readonly storages: ReadonlyMap<string, NewStorage>;
}

export interface NewStorage {
  readonly bytes: number;
  /** Reads it, piece by piece; may be called twice. */
  read(): AsyncIterable<Buffer>;
}

/** One of PyTorch's containers: a pickle, and outside of it the storages that the pickle's tensors are views of. */
export interface TorchFile {
  readonly path: string;
  /** For people: "PyTorch", "TorchScript". */
  readonly format: string;
  readonly file: FileBytes;
  readonly root: PickleValue;
  /** Where the pickle lies. */
  readonly pickle: StoragePlace;
  /** Code in the file goes with the tensors' sizes, so that none of them can change. */
  readonly hasCode: boolean;
  /** Throws fileDamaged where the file has no such storage, or the storage is not whole. */
  storage(key: string): Promise<StoragePlace>;
  /** Puts in order what goes with the bytes of storages that were changed in a copy of the file. */
  mend(copy: string, keys: Iterable<string>, step?: () => Promise<void>): Promise<void>;
  /** Writes the file with another pickle and other storages, all else as it was, to a path that does not exist. */
  rewrite(path: string, rewriting: Rewriting, step?: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}
