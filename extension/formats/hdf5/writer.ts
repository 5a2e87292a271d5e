import { type Library, loadLibrary, openFile, withoutTime } from './library.ts';

type File = ReturnType<typeof openFile>;
type Group = InstanceType<Library['h5']['Group']>;

/** Writes a new HDF5 file, dataset by dataset; the same bytes whenever it is written. */
export class Hdf5Writer {
  readonly #file: File;

  private constructor(file: File) {
    this.#file = file;
  }

  /** @param path of our own, since the library cannot tell a full disk from damage */
  static async create(path: string): Promise<Hdf5Writer> {
    const library = await loadLibrary();
    return new Hdf5Writer(withoutTime(() => openFile(library, path, 'w')));
  }

  /** A text of a group, which is made where it is not there. */
  attribute(group: string, name: string, value: string): void {
    withoutTime(() => this.#group(group).create_attribute(name, value));
  }

  /** A dataset of float32, row-major. */
  floats(path: string, shape: readonly number[], values: Float32Array): void {
    const at = path.lastIndexOf('/');
    withoutTime(() =>
      this.#group(path.slice(0, at)).create_dataset({
        name: path.slice(at + 1),
        data: values,
        shape: [...shape],
        dtype: '<f',
      }),
    );
  }

  close(): void {
    withoutTime(() => this.#file.close());
  }

  #group(path: string): Group {
    let group = this.#file as unknown as Group;
    for (const name of path.split('/').filter((part) => part !== '')) {
      const known = group.keys().includes(name);
      group = known ? (group.get(name) as Group) : group.create_group(name);
    }
    return group;
  }
}
