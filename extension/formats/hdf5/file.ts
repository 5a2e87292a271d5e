import { open, stat } from 'node:fs/promises';
import { byteSize, type FloatType, sizeOf } from '../../model/parameter.ts';
import { UserError } from '../../protocol/userError.ts';
import { type Edit, putEdit, toFloat32 } from '../bytes/values.ts';
import { hasBrokenHeap } from './globalHeap.ts';
import { type Library, loadLibrary, openFile, withBuffer } from './library.ts';
import type { Dataset } from './rebuildable.ts';

const signature = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');
/** Largest tensor that the library's 32-bit memory can hold beside its own. */
const largestDataset = 1.5 * 2 ** 30;

export interface DatasetInfo {
  readonly shape: readonly number[];
  readonly dtype: FloatType;
}

/** An HDF5 file read in place, never whole. Damage becomes a `UserError` that names the file as the user knows it. */
export class Hdf5File {
  readonly #library: Library;
  readonly #file: InstanceType<Library['h5']['File']>;
  readonly #shownAs: string;

  private constructor(library: Library, file: InstanceType<Library['h5']['File']>, shownAs: string) {
    this.#library = library;
    this.#file = file;
    this.#shownAs = shownAs;
  }

  /** Opens for reading (`r`) or for editing in place (`a`). `shownAs` names the file in messages. */
  static async open(path: string, mode: 'r' | 'a', shownAs = path): Promise<Hdf5File> {
    if (!(await hasSignature(path))) {
      throw new UserError('fileDamaged', { file: shownAs }, { code: 'reasonNoHdf5', args: {} });
    }
    // What is edited is our own copy of a file that was looked at before.
    if (mode === 'r' && (await hasBrokenHeap(path))) {
      throw new UserError('fileDamaged', { file: shownAs }, { code: 'reasonHeap', args: {} });
    }
    const library = await loadLibrary();
    const file = guard(shownAs, () => openFile(library, path, mode));
    return new Hdf5File(library, file, shownAs);
  }

  close(): void {
    guard(this.#shownAs, () => this.#file.close());
  }

  /** Names of the members of a group; none where there is no such group. */
  keys(group: string): string[] {
    return this.#guard(() => {
      const entity = this.#get(group);
      return entity instanceof this.#library.h5.Group ? entity.keys() : [];
    });
  }

  /** Value of an attribute, text decoded; undefined where there is none. */
  attribute(path: string, name: string): unknown {
    return this.#guard(() => {
      const entity = this.#get(path);
      const { Group, Dataset } = this.#library.h5;
      if (!(entity instanceof Group || entity instanceof Dataset)) return undefined;
      return entity.attrs[name]?.value ?? undefined;
    });
  }

  /** An attribute that is text, or lists of text; large lists may continue in `name0`, `name1`, … */
  texts(path: string, name: string): string[] | undefined {
    const parts = [...this.textParts(path, name).values()];
    return parts.length === 0 ? undefined : parts.flat();
  }

  /** The same by the names of the attributes that hold a part of the list. */
  textParts(path: string, name: string): Map<string, string[]> {
    const whole = this.attribute(path, name);
    if (whole !== undefined) return new Map([[name, asTexts(whole)]]);
    const parts = new Map<string, string[]>();
    for (let i = 0; ; i++) {
      const part = this.attribute(path, `${name}${i}`);
      if (part === undefined) return parts;
      parts.set(`${name}${i}`, asTexts(part));
    }
  }

  /** Shape and type of a dataset of numbers; undefined where there is none at this path. */
  dataset(path: string): DatasetInfo | undefined {
    return this.#guard(() => {
      const entity = this.#get(path);
      if (!(entity instanceof this.#library.h5.Dataset)) return undefined;
      const info = weightsInfo(entity);
      if (!info) {
        throw new UserError('dtypeUnsupported', {
          file: this.#shownAs,
          parameter: path,
          dtype: String(entity.dtype),
        });
      }
      // Of a virtual one that other file is not opened, and HDF5 gives zeros.
      if (entity.metadata.virtual_sources) {
        const cause = { code: 'reasonOtherFile', args: { path } } as const;
        throw new UserError('fileDamaged', { file: this.#shownAs }, cause);
      }
      return info;
    });
  }

  /** What stands at a path: a group, a dataset that may be weights, or text, integers and all else. Undefined where nothing does. */
  kind(path: string): 'group' | 'weights' | 'other' | undefined {
    return this.#guard(() => {
      const entity = this.#get(path);
      const { Group, Dataset } = this.#library.h5;
      if (entity instanceof Group) return 'group';
      if (entity instanceof Dataset && weightsInfo(entity)) return 'weights';
      return entity === null ? undefined : 'other';
    });
  }

  /** False for a dataset of text, integers or anything else that is no weight. */
  holdsWeights(path: string): boolean {
    return this.kind(path) !== 'other';
  }

  /** All values of a dataset, row-major, as float32. */
  read(path: string): Float32Array {
    const info = this.#info(path);
    const bytes = sizeOf(info.shape) * byteSize[info.dtype];
    if (bytes > largestDataset) {
      throw new UserError('tooLarge', {
        file: this.#shownAs,
        what: path,
        needed: bytes,
        limit: largestDataset,
      });
    }
    const { raw } = this.#library;
    return this.#guard(() =>
      withBuffer(raw, bytes, (pointer) => {
        raw.get_dataset_data(this.#file.file_id, path, null, null, null, BigInt(pointer));
        return toFloat32(raw.HEAPU8.subarray(pointer, pointer + bytes), info);
      }),
    );
  }

  /**
   * Replaces values of a dataset: by `values` where they are given, and by 0 where `mask` is 0. What they leave as it is
   * keeps its bytes, whatever its type.
   */
  edit(path: string, edit: Edit): void {
    const info = this.#info(path);
    const size = sizeOf(info.shape) * byteSize[info.dtype];
    const { raw } = this.#library;
    this.#guard(() =>
      withBuffer(raw, size, (pointer) => {
        raw.get_dataset_data(this.#file.file_id, path, null, null, null, BigInt(pointer));
        putEdit(edit, raw.HEAPU8.subarray(pointer, pointer + size), info);
        const count = info.shape.map(BigInt);
        raw.set_dataset_data(
          this.#file.file_id,
          path,
          count,
          count.map(() => 0n),
          count.map(() => 1n),
          BigInt(pointer),
        );
      }),
    );
  }

  #info(path: string): DatasetInfo {
    const info = this.dataset(path);
    if (!info)
      throw new UserError(
        'fileDamaged',
        { file: this.#shownAs },
        { code: 'reasonNoDataset', args: { path } },
      );
    return info;
  }

  #get(path: string) {
    return path === '' || path === '/' ? this.#file : this.#file.get(path);
  }

  #guard<T>(action: () => T): T {
    return guard(this.#shownAs, action);
  }
}

/** The signature stands at 0 or, behind a user block, at 512, 1024, 2048, … (HDF5 file format specification, II.A). */
async function hasSignature(path: string): Promise<boolean> {
  const { size } = await stat(path);
  const handle = await open(path, 'r');
  try {
    const head = Buffer.alloc(signature.length);
    for (let at = 0; at + signature.length <= size; at = at === 0 ? 512 : at * 2) {
      await handle.read(head, 0, head.length, at);
      if (head.equals(signature)) return true;
    }
    return false;
  } finally {
    await handle.close();
  }
}

function asTexts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  // An empty list is stored as an empty array of float64.
  return Array.isArray(value) ? value.map(String) : [];
}

/** Undefined where a dataset holds no weights. */
function weightsInfo({ metadata, attrs }: Pick<Dataset, 'metadata' | 'attrs'>): DatasetInfo | undefined {
  const dtype = dtypeOf(metadata, attrs.dtype?.value);
  return dtype && { shape: metadata.shape ?? [], dtype };
}

function dtypeOf(metadata: { type: number; size: number }, attribute: unknown): FloatType | undefined {
  const integer = 0;
  const float = 1;
  // h5py stores NumPy's bfloat16 as opaque pairs of bytes.
  const opaque = 5;
  const pairs = metadata.size === 2 && (metadata.type === integer || metadata.type === opaque);
  if (pairs && attribute === 'bfloat16') return 'bfloat16';
  if (metadata.type !== float) return undefined;
  return ({ 2: 'float16', 4: 'float32', 8: 'float64' } as const)[metadata.size];
}

/** Runs an action of the library; what it throws becomes one line about the file. */
export function guard<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof UserError) throw error;
    const reason = innermost(error);
    if (reason === undefined || reason.startsWith('truncated file')) {
      const code = reason === undefined ? 'reasonContent' : 'reasonTruncated';
      throw new UserError('fileDamaged', { file }, { code, args: {} });
    }
    throw new UserError('fileDamaged', { file, reason });
  }
}

/** HDF5 prints a stack of errors, the cause last: `#006: file.c line 388 in function(): file signature not found`. */
function innermost(error: unknown): string | undefined {
  const text = error instanceof Error ? error.message : String(error);
  const causes = [...text.matchAll(/#\d+: .*?\(\): (.*)/g)];
  // Whatever else goes wrong in it has no words for people.
  return causes.at(-1)?.[1].trim();
}
