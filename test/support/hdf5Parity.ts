import assert from 'node:assert/strict';
import type { Hdf5Content } from '../../extension/formats/hdf5/content.ts';
import { LibraryFile } from '../../extension/formats/hdf5/libraryFile.ts';
import { PlainContent } from '../../extension/formats/hdf5/plain/plainContent.ts';

/**
 * Holds all that the plain reader finds against what the library finds; gives how many objects there are, or undefined where it leaves the
 * file.
 */
export async function plainObjects(path: string, attributes: readonly string[]): Promise<number | undefined> {
  const plain = await PlainContent.open(path, path);
  if (!plain) return undefined;
  const library = await LibraryFile.open(path, 'r');
  try {
    return await compared('', plain, library, attributes);
  } finally {
    await plain.close();
    library.close();
  }
}

async function compared(
  path: string,
  plain: Hdf5Content,
  library: Hdf5Content,
  attributes: readonly string[],
): Promise<number> {
  assert.deepEqual(plain.keys(path), library.keys(path), path);
  assert.equal(plain.kind(path), library.kind(path), path);
  for (const name of attributes)
    assert.deepEqual(
      plain.attribute(path, name),
      comparable(library.attribute(path, name)),
      `${path} ${name}`,
    );
  if (plain.kind(path) === 'weights') await compareValues(path, plain, library);
  let count = 1;
  for (const name of plain.keys(path)) count += await compared(`${path}/${name}`, plain, library, attributes);
  return count;
}

async function compareValues(path: string, plain: Hdf5Content, library: Hdf5Content): Promise<void> {
  assert.deepEqual(plain.dataset(path), library.dataset(path));
  const values = await library.read(path);
  assert.deepEqual(await plain.read(path), values, path);
  if (values.length < 2) return;
  const part = new Float32Array(values.length - 1);
  await plain.partOf(path).readPart?.(1, part);
  assert.deepEqual(part, values.slice(1), path);
}

/** The library gives large integers and lists of numbers their own types. */
function comparable(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  return ArrayBuffer.isView(value) ? [...(value as Float64Array)].map(Number) : value;
}
