import { resolve } from 'node:path';
import type * as H5wasm from 'h5wasm/node';

/** An open file of Emscripten's file system. */
interface Stream {
  readonly fd: number;
}

/** What of that file system is used here. */
interface FileSystem {
  open(path: string, flags: number, ...rest: unknown[]): Stream;
  close(stream: Stream): void;
  fstat(fd: number): object;
  getStream(fd: number): Stream | null | undefined;
}

type File = InstanceType<typeof H5wasm.File>;

/** Its libc's O_EXCL. */
const createsNew = 0o200;

/**
 * The files that the library may open: those that `openFile` names. A file may say that its arrays lie in any other file, by external
 * storage, links or virtual datasets, and HDF5 would read there, and write there, too.
 *
 * An error of the library leaves open what it had opened. HDF5 then keeps the file itself open after `close`, and would answer from what
 * it knows of it when the same place is opened again, whatever stands there by then. So each opening is a file of its own to it, and what
 * is still open of one that was closed is closed here.
 */
export class OwnFiles {
  readonly #h5: typeof H5wasm;
  readonly #files: FileSystem;
  readonly #emptyStack: () => void;
  /** The file that the library is being told to open, and what was opened for it. */
  #opening: { readonly path: string; readonly streams: Stream[] } | undefined;
  /** The temporary file in which the library composed the words of its last error; it closes none. */
  #words: Stream | undefined;
  /** Stand for the numbers that a disk gives its files, by which HDF5 knows a file again. */
  readonly #numbers = new WeakMap<Stream, number>();
  #openings = 0;

  /** @param emptyStack takes the library's stack back to where it began */
  constructor(h5: typeof H5wasm, emptyStack: () => void) {
    this.#h5 = h5;
    this.#emptyStack = emptyStack;
    if (!h5.FS) throw new Error('the HDF5 library has no file system');
    const files = h5.FS as unknown as FileSystem;
    const { open, fstat } = files;
    this.#files = files;
    files.open = (path, flags, ...rest) =>
      this.#open(path, flags, () => open.call(files, path, flags, ...rest));
    files.fstat = (fd) => {
      const stream = files.getStream(fd);
      const ino = stream ? this.#numbers.get(stream) : undefined;
      return Object.assign(fstat.call(files, fd), ino !== undefined && { ino });
    };
  }

  /** Opens or creates a file; its `close` leaves nothing of it open. */
  openFile(path: string, mode: 'r' | 'a' | 'w'): File {
    // The library asks for files by their whole paths.
    const whole = resolve(path);
    const streams: Stream[] = [];
    // Nothing of the library runs now, and what errors left on its stack goes.
    this.#emptyStack();
    this.#opening = { path: whole, streams };
    this.#openings++;
    try {
      const file = new this.#h5.File(whole, mode);
      const close = file.close.bind(file);
      file.close = () => {
        try {
          return close();
        } finally {
          this.#closeAll(streams);
        }
      };
      return file;
    } catch (error) {
      this.#closeAll(streams);
      throw error;
    } finally {
      this.#opening = undefined;
    }
  }

  #open(path: string, flags: number, open: () => Stream): Stream {
    if ((flags & createsNew) !== 0 && /^\/tmp\/tmpfile_\w+$/.test(path)) {
      if (this.#words) this.#closeAll([this.#words]);
      this.#words = open();
      return this.#words;
    }
    // To HDF5 like a file that is not there (44 is its libc's ENOENT).
    if (path !== this.#opening?.path) throw Object.assign(new Error(path), { name: 'ErrnoError', errno: 44 });
    const stream = open();
    this.#numbers.set(stream, this.#openings);
    this.#opening.streams.push(stream);
    return stream;
  }

  #closeAll(streams: readonly Stream[]): void {
    for (const stream of streams) if (this.#files.getStream(stream.fd) === stream) this.#files.close(stream);
  }
}
