import { UserError } from '../../../protocol/userError.ts';
import { FileBytes } from '../../bytes/fileBytes.ts';
import { rawParameter } from '../../bytes/rawParameter.ts';
import { damaged } from '../../damaged.ts';
import type { DatasetInfo, Hdf5Content } from '../content.ts';
import { floatTypeOf } from '../datatypes.ts';
import { checkSize } from '../largestDataset.ts';
import { type PlainDataset, type PlainGroup, type PlainNode, readTree } from './tree.ts';
import { Damage, Unfamiliar } from './unfamiliar.ts';

/**
 * A file as h5py writes it by itself: groups, attributes and datasets that lie one after another. To know what is in it takes a few reads,
 * where the library takes longer to be loaded than a small model to be inspected.
 */
export class PlainContent implements Hdf5Content {
  readonly #file: FileBytes;
  readonly #root: PlainGroup;
  readonly #shownAs: string;

  private constructor(file: FileBytes, root: PlainGroup, shownAs: string) {
    this.#file = file;
    this.#root = root;
    this.#shownAs = shownAs;
  }

  /** Undefined of a file of another kind: the library knows. Throws `UserError` fileDamaged. */
  static async open(path: string, shownAs: string): Promise<PlainContent | undefined> {
    const file = await FileBytes.open(path, shownAs);
    try {
      return new PlainContent(file, await readTree(file), shownAs);
    } catch (error) {
      await file.close();
      if (error instanceof Damage) throw damaged(shownAs);
      // What lies beyond the end of a buffer or of the file is said by errors of their own.
      if (error instanceof Unfamiliar || error instanceof RangeError || error instanceof UserError)
        return undefined;
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  keys(group: string): string[] {
    const node = this.#at(group);
    return node?.kind === 'group' ? [...node.members.keys()] : [];
  }

  attribute(path: string, name: string): unknown {
    return this.#at(path)?.attributes.get(name);
  }

  kind(path: string): 'group' | 'weights' | 'other' | undefined {
    const node = this.#at(path);
    if (node?.kind !== 'dataset') return node?.kind;
    return dtypeOf(node) ? 'weights' : 'other';
  }

  dataset(path: string): DatasetInfo | undefined {
    const node = this.#at(path);
    if (node?.kind !== 'dataset') return undefined;
    const dtype = dtypeOf(node);
    if (dtype) return { shape: node.shape, dtype };
    throw new UserError('dtypeUnsupported', {
      file: this.#shownAs,
      parameter: path,
      dtype: nameOf(node),
    });
  }

  async read(path: string): Promise<Float32Array> {
    const parameter = this.#parameter(path);
    checkSize(parameter, path, this.#shownAs);
    return parameter.read();
  }

  partOf(path: string) {
    const { readPart } = this.#parameter(path);
    return readPart ? { readPart } : {};
  }

  #parameter(path: string) {
    const node = this.#at(path);
    const dtype = node?.kind === 'dataset' ? dtypeOf(node) : undefined;
    if (node?.kind !== 'dataset' || !dtype)
      throw damaged(this.#shownAs, { code: 'reasonNoDataset', args: { path } });
    const { shape, at } = node;
    return rawParameter({ name: path, shape, dtype, trainable: true, file: this.#file, at });
  }

  #at(path: string): PlainNode | undefined {
    let node: PlainNode | undefined = this.#root;
    for (const name of path.split('/').filter(Boolean))
      node = node?.kind === 'group' ? node.members.get(name) : undefined;
    return node;
  }
}

function dtypeOf({ type, attributes }: PlainDataset) {
  return floatTypeOf(type, attributes.get('dtype'));
}

/** As NumPy writes it. */
function nameOf({ type: { text, signed, size } }: PlainDataset): string {
  if (text) return 'text';
  return signed === undefined ? `|V${size}` : `${signed ? 'int' : 'uint'}${8 * size}`;
}
