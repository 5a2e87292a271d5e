import { type FileHandle, open } from 'node:fs/promises';
import { heapStart, isBrokenHeapAt } from './globalHeap.ts';
import { signaturePlace } from './signature.ts';
import { addressForm, hasBrokenTree, treeStart } from './trees.ts';

/** Node finds so few bytes many times faster than eight: it goes by the first of them alone, not by tables of the last. */
const soughtHeap = heapStart.subarray(0, 5);
const blockSize = 4 * 2 ** 20;
/** No model has so many groups. */
const mostNodes = 100_000;

/** Files that were looked at and have not changed since, so that opening one again reads nothing. */
const sound = new Set<string>();
const mostRemembered = 10_000;

/** What of a file the HDF5 library is known to go on at for ever. */
type Flaw = 'reasonHeap' | 'reasonContent';

/** Undefined of a file that the library can be given. */
export async function flawOf(path: string): Promise<Flaw | undefined> {
  const file = await open(path, 'r');
  try {
    const { size, mtimeMs } = await file.stat();
    const stamp = `${path} ${size} ${mtimeMs}`;
    if (sound.has(stamp)) return undefined;
    const flaw = await flawIn(file, size);
    if (flaw) return flaw;
    if (sound.size >= mostRemembered) sound.clear();
    sound.add(stamp);
    return undefined;
  } finally {
    await file.close();
  }
}

async function flawIn(file: FileHandle, size: number): Promise<Flaw | undefined> {
  const nodes: number[] = [];
  // What begins at the end of one block is whole in it, too.
  const block = Buffer.allocUnsafe(Math.min(blockSize, size) + heapStart.length - 1);
  for (let from = 0; ; from += blockSize) {
    const { bytesRead } = await file.read(block, 0, block.length, from);
    const found = block.subarray(0, bytesRead);
    for (const at of placesOf(soughtHeap, found))
      if (
        found.subarray(at, at + heapStart.length).equals(heapStart) &&
        (await isBrokenHeapAt(file, from + at, size))
      )
        return 'reasonHeap';
    for (const at of placesOf(treeStart, found)) if (nodes.at(-1) !== from + at) nodes.push(from + at);
    if (nodes.length > mostNodes) return 'reasonContent';
    if (bytesRead < block.length) break;
  }
  if (nodes.length === 0) return undefined;
  const form = await addressForm(file, (await signaturePlace(file, size)) ?? 0);
  return form && !(await hasBrokenTree(file, nodes, form)) ? undefined : 'reasonContent';
}

function* placesOf(sought: Buffer, bytes: Buffer): Generator<number> {
  for (let at = bytes.indexOf(sought); at !== -1; at = bytes.indexOf(sought, at + 1)) yield at;
}
