import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, relative, win32 } from 'node:path';
import { UserError } from '../../protocol/userError.ts';
import { FileBytes } from '../bytes/fileBytes.ts';

/** More files than any model is divided into; each stays open. */
const mostFiles = 256;

/** The files beside a model that hold values of its tensors; opened when they are asked for. */
export class ExternalFiles {
  readonly #model: string;
  readonly #shownAs: string;
  readonly #files = new Map<string, FileBytes>();

  /** @param model path of the model's own file, in whose folder the others lie */
  constructor(model: string, shownAs = model) {
    this.#model = model;
    this.#shownAs = shownAs;
  }

  /** Those that were opened, with their names in the model's folder. */
  opened(): { location: string; file: FileBytes }[] {
    return [...this.#files].map(([location, file]) => ({ location, file }));
  }

  /**
   * The file of this name. Throws `UserError`: externalLink where a link of this name leads out of the model's folder; fileDamaged where the
   * name itself does, or leads to the model, or no such file is there.
   */
  async open(name: string): Promise<FileBytes> {
    const location = ExternalFiles.normal(name);
    const known = this.#files.get(location);
    if (known) return known;
    if (!staysInside(location) || location === basename(this.#model) || this.#files.size === mostFiles)
      throw this.#damaged('reasonExternalName', location);
    const path = join(dirname(this.#model), location);
    const place = await this.#placeOf(path).catch(() => 'missing');
    if (place === 'missing') throw this.#damaged('reasonExternalMissing', location);
    if (place === 'outside') throw new UserError('externalLink', { file: this.#shownAs, name: location });
    const file = await FileBytes.open(path, join(dirname(this.#shownAs), location));
    this.#files.set(location, file);
    return file;
  }

  /** The name by which `opened` has it. */
  static normal(name: string): string {
    return normalize(name);
  }

  async close(): Promise<void> {
    for (const file of this.#files.values()) await file.close();
    this.#files.clear();
  }

  /**
   * Whether there is a file that lies in the model's folder once links are followed. Where the model is itself a link, as in caches of
   * downloads, that is also the folder of what it leads to. Else a model could have any file of its user's copied into its pruned one; ONNX
   * Runtime decides alike.
   */
  async #placeOf(path: string): Promise<'missing' | 'inside' | 'outside'> {
    if (!(await stat(path)).isFile()) return 'missing';
    const real = await realpath(path);
    const folders = [await realpath(dirname(this.#model)), dirname(await realpath(this.#model))];
    return folders.some((folder) => staysInside(relative(folder, real))) ? 'inside' : 'outside';
  }

  #damaged(code: 'reasonExternalName' | 'reasonExternalMissing', name: string): UserError {
    return new UserError('fileDamaged', { file: this.#shownAs }, { code, args: { name } });
  }
}

/** A relative name, in any system's spelling, that goes through no parent folder. */
function staysInside(location: string): boolean {
  const rooted = isAbsolute(location) || win32.isAbsolute(location) || /^[a-z]:/i.test(location);
  return location !== '' && !rooted && !location.includes('\0') && !location.split(/[/\\]/).includes('..');
}
