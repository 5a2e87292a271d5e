import { UserError } from '../../protocol/userError.ts';
import { type Edit, putEdit, toFloat32 } from '../bytes/values.ts';
import { damaged } from '../damaged.ts';
import type { DatasetInfo, Hdf5Content } from './content.ts';
import { floatTypeOf } from './datatypes.ts';
import { guard } from './guard.ts';
import { checkSize } from './largestDataset.ts';
import { type Library, withBuffer } from './library.ts';
import { openSound } from './openSound.ts';
import type { Dataset } from './rebuildable.ts';

/**
 * A file in the hands of the library, read in place, never whole. Damage becomes a `UserError` that names the file as the user knows it.
 */
export class LibraryFile implements Hdf5Content {
  readonly #library: Library;
  readonly #file: InstanceType<Library['h5']['File']>;
  readonly #shownAs: string;

  private constructor(library: Library, file: InstanceType<Library['h5']['File']>, shownAs: string) {
    this.#library = library;
    this.#file = file;
    this.#shownAs = shownAs;
  }

  /** Opens for reading (`r`) or for editing in place (`a`). `shownAs` names the file in messages. */
  static async open(path: string, mode: 'r' | 'a', shownAs = path): Promise<LibraryFile> {
    const { library, file } = await openSound(path, mode, shownAs);
    return new LibraryFile(library, file, shownAs);
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

  /** All values of a dataset, row-major, as float32. */
  read(path: string): Float32Array {
    const info = this.#info(path);
    const bytes = checkSize(info, path, this.#shownAs);
    const { raw } = this.#library;
    return this.#guard(() =>
      withBuffer(raw, bytes, (pointer) => {
        raw.get_dataset_data(this.#file.file_id, path, null, null, null, BigInt(pointer));
        return toFloat32(raw.HEAPU8.subarray(pointer, pointer + bytes), info);
      }),
    );
  }

  /** The library's memory holds all of them or none. */
  partOf() {
    return {};
  }

  /**
   * Replaces values of a dataset: by `values` where they are given, and by 0 where `mask` is 0. What they leave as it is
   * keeps its bytes, whatever its type.
   */
  edit(path: string, edit: Edit): void {
    const info = this.#info(path);
    const size = checkSize(info, path, this.#shownAs);
    const { raw } = this.#library;
    this.#guard(() =>
      withBuffer(raw, size, (pointer) => {
        raw.get_dataset_data(this.#file.file_id, path, null, null, null, BigInt(pointer));
        putEdit(edit, raw.HEAPU8.subarray(pointer, pointer + size), info);
        raw.set_dataset_data(this.#file.file_id, path, null, null, null, BigInt(pointer));
      }),
    );
  }

  #info(path: string): DatasetInfo {
    const info = this.dataset(path);
    if (!info) throw damaged(this.#shownAs, { code: 'reasonNoDataset', args: { path } });
    return info;
  }

  #get(path: string) {
    return path === '' || path === '/' ? this.#file : this.#file.get(path);
  }

  #guard<T>(action: () => T): T {
    return guard(this.#shownAs, action);
  }
}

/** Undefined where a dataset holds no weights. */
function weightsInfo({ metadata, attrs }: Pick<Dataset, 'metadata' | 'attrs'>): DatasetInfo | undefined {
  const dtype = floatTypeOf({ class: metadata.type, size: metadata.size }, attrs.dtype?.value);
  return dtype && { shape: metadata.shape ?? [], dtype };
}
