import type { FileHandle } from 'node:fs/promises';

/** Signature and type of a node of a group's tree (HDF5 file format specification, III.A.1). */
export const treeStart = Buffer.from('TREE\0', 'latin1');

/** How a file writes addresses. */
export interface AddressForm {
  /** Byte that they count from. */
  readonly base: number;
  /** Bytes of an address, and of a length. */
  readonly width: number;
  readonly lengthWidth: number;
}

interface TreeNode {
  readonly level: number;
  readonly children: readonly number[];
}

/** By the superblock at `base`. Undefined where its widths are such as nobody writes. */
export async function addressForm(file: FileHandle, base: number): Promise<AddressForm | undefined> {
  const superblock = Buffer.alloc(16);
  await file.read(superblock, 0, superblock.length, base);
  const at = superblock[8] < 2 ? 13 : 9;
  const [width, lengthWidth] = superblock.subarray(at, at + 2);
  return [4, 8].includes(width) && [4, 8].includes(lengthWidth) ? { base, width, lengthWidth } : undefined;
}

/**
 * Whether nodes of groups' trees share nodes below them, or lead back up: nine levels of one such node would take the HDF5 library years.
 * @param places of all nodes in the file, and perhaps of bytes that look like one, which no node leads to
 */
export async function hasBrokenTree(
  file: FileHandle,
  places: readonly number[],
  form: AddressForm,
): Promise<boolean> {
  const levels = new Map<number, number>();
  const nodes: TreeNode[] = [];
  for (const place of places) {
    const node = await readNode(file, place, form);
    levels.set(place, node.level);
    if (node.level > 0) nodes.push(node);
  }
  const seen = new Set<number>();
  for (const { level, children } of nodes)
    for (const child of children) {
      const below = levels.get(child);
      if (below === undefined) continue;
      if (below >= level || seen.has(child)) return true;
      seen.add(child);
    }
  return false;
}

async function readNode(
  file: FileHandle,
  place: number,
  { base, width, lengthWidth }: AddressForm,
): Promise<TreeNode> {
  const head = Buffer.alloc(8);
  await file.read(head, 0, head.length, place);
  const [level, count] = [head[5], head.readUInt16LE(6)];
  // Those of the lowest level lead to no further ones.
  if (level === 0) return { level, children: [] };
  const entries = Buffer.alloc(count * (lengthWidth + width));
  await file.read(entries, 0, entries.length, place + head.length + 2 * width);
  const children = Array.from({ length: count }, (_, i) => {
    const at = i * (lengthWidth + width) + lengthWidth;
    return base + (width === 4 ? entries.readUInt32LE(at) : Number(entries.readBigUInt64LE(at)));
  });
  return { level, children };
}
