import { open } from 'node:fs/promises';
import { UserError } from '../../protocol/userError.ts';
import type { Hdf5Content } from './content.ts';
import { LibraryFile } from './libraryFile.ts';
import { PlainContent } from './plain/plainContent.ts';
import { signaturePlace } from './signature.ts';

/** An HDF5 file to read, in place and never whole. Damage becomes a `UserError` that names the file as the user knows it. */
export class Hdf5File {
  readonly #content: Hdf5Content;

  private constructor(content: Hdf5Content) {
    this.#content = content;
  }

  /** @param shownAs names the file in messages */
  static async open(path: string, shownAs = path): Promise<Hdf5File> {
    if (!(await hasSignature(path))) {
      throw new UserError('fileDamaged', { file: shownAs }, { code: 'reasonNoHdf5', args: {} });
    }
    const plain = await PlainContent.open(path, shownAs);
    return new Hdf5File(plain ?? (await LibraryFile.open(path, 'r', shownAs)));
  }

  async close(): Promise<void> {
    await this.#content.close();
  }

  keys(group: string): string[] {
    return this.#content.keys(group);
  }

  attribute(path: string, name: string): unknown {
    return this.#content.attribute(path, name);
  }

  kind(path: string): 'group' | 'weights' | 'other' | undefined {
    return this.#content.kind(path);
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

  dataset(path: string) {
    return this.#content.dataset(path);
  }

  /** False for a dataset of text, integers or anything else that is no weight. */
  holdsWeights(path: string): boolean {
    return this.kind(path) !== 'other';
  }

  read(path: string) {
    return this.#content.read(path);
  }

  partOf(path: string) {
    return this.#content.partOf(path);
  }
}

async function hasSignature(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    return (await signaturePlace(file, (await file.stat()).size)) !== undefined;
  } finally {
    await file.close();
  }
}

function asTexts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  // An empty list is stored as an empty array of float64.
  return Array.isArray(value) ? value.map(String) : [];
}
