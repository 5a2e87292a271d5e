import type * as H5wasm from 'h5wasm/node';
import { withStack } from './libraryStack.ts';
import { OwnFiles } from './ownFiles.ts';

/**
 * What we use of h5wasm's low-level module beyond its typings: raw bytes in and out, so that every element type
 * passes unchanged.
 */
export interface RawModule {
  HEAPU8: Uint8Array;
  MAXIMUM_MEMORY: number;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  activate_throwing_error_handler(): number;
  /** All values, as no part is asked for: of a part a scalar has none. */
  get_dataset_data(file: bigint, path: string, count: null, offset: null, strides: null, to: bigint): number;
  set_dataset_data(
    file: bigint,
    path: string,
    count: null,
    offset: null,
    strides: null,
    from: bigint,
  ): number;
  get_attribute_data(file: bigint, path: string, name: string, to: bigint): number;
  create_attribute(file: bigint, path: string, name: string, from: bigint, metadata: object): number;
  create_dataset(file: bigint, path: string, from: bigint, metadata: object): number;
}

export interface Library {
  readonly h5: typeof H5wasm;
  readonly raw: RawModule;
  readonly files: OwnFiles;
}

let loading: Promise<Library> | undefined;

/** Loads the HDF5 library (a WebAssembly build of HDF5 2) on first use; its errors become exceptions. */
export function loadLibrary(): Promise<Library> {
  loading ??= (async () => {
    const { loaded, emptyStack } = await withStack(loadQuietly);
    const { h5, raw } = loaded;
    raw.activate_throwing_error_handler();
    return { h5, raw, files: new OwnFiles(h5, emptyStack) };
  })();
  return loading;
}

/** Opens or creates a file. */
export function openFile(
  { files }: Library,
  path: string,
  mode: 'r' | 'a' | 'w',
): InstanceType<Library['h5']['File']> {
  return files.openFile(path, mode);
}

/**
 * The library says on standard error what it throws as well, and warns of damaged text. It takes `console.error` as it is
 * when it is loaded, so what comes through this one afterwards is the library's.
 */
async function loadQuietly(): Promise<Pick<Library, 'h5' | 'raw'>> {
  const { error } = console;
  let loaded = false;
  console.error = (...words: unknown[]) => {
    if (!loaded) error(...words);
  };
  try {
    const h5 = await import('h5wasm/node');
    return { h5, raw: (await h5.ready) as unknown as RawModule };
  } finally {
    loaded = true;
    console.error = error;
  }
}

/** Memory inside the library for `bytes` bytes, freed when `use` returns. */
export function withBuffer<T>(raw: RawModule, bytes: number, use: (pointer: number) => T): T {
  // malloc(0) may be null, which the library takes for "no memory".
  const pointer = raw._malloc(Math.max(bytes, 1));
  if (pointer === 0) throw new Error(`no memory for ${bytes} bytes`);
  try {
    return use(pointer);
  } finally {
    raw._free(pointer);
  }
}

/**
 * Does something for which the library takes the time to be 1970. It stamps what it creates and cannot be told not to, so that the same
 * model would be other bytes every second. `use` waits for nothing, so nobody else looks at this clock.
 */
export function withoutTime<T>(use: () => T): T {
  const { now } = Date;
  Date.now = () => 0;
  try {
    return use();
  } finally {
    Date.now = now;
  }
}
