import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { flawOf } from '../../../extension/formats/hdf5/sound.ts';
import { openModel } from '../../../extension/formats/open.ts';
import { writeKerasH5 } from '../../support/kerasFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { smallLegacy } from '../../support/smallModels.ts';
import { assertRefuses } from '../../support/throwsCode.ts';

const write = scratchFiles();
const undefinedAddress = 0xffff_ffff_ffff_ffffn;
const [children, levels] = [32, 9];
const nodeSize = 24 + 16 * children;
const [rootHeader, heap, firstNode] = [96, 192, 240];

interface TreeFile {
  /** Where the children of the node of a level lie. */
  readonly childOf: (level: number, child: number) => number;
  /** Bytes before the signature. */
  readonly userBlock?: number;
}

/** A file whose root group has a tree of one node a level, by the places in HDF5's specification; a filter keeps the plain reader away. */
function treeFile({ childOf, userBlock = 0 }: TreeFile): Buffer {
  const table = firstNode + levels * nodeSize;
  const bytes = Buffer.alloc(table + 400);
  bytes.write('\x89HDF\r\n\x1a\n', 'latin1');
  bytes.set([8, 8], 13);
  bytes.writeUInt32LE(0x100004, 16);
  [0n, undefinedAddress, BigInt(bytes.length), undefinedAddress, 0n, BigInt(rootHeader)].forEach(
    (value, i) => {
      bytes.writeBigUInt64LE(value, 24 + 8 * i);
    },
  );
  const header = bytes.subarray(rootHeader);
  header.set([1, 0, 3, 0, 1, 0, 0, 0, 64]);
  header.set([0x11, 0, 16], 16);
  header.writeBigUInt64LE(BigInt(firstNode), 24);
  header.writeBigUInt64LE(BigInt(heap), 32);
  header.set([0x0b, 0, 8, 0, 0, 0, 0, 0, 1], 40);
  header.set([0, 0, 16], 56);
  bytes.write('HEAP', heap);
  [16, 1, heap + 32].forEach((value, i) => {
    bytes.writeBigUInt64LE(BigInt(value), heap + 8 + 8 * i);
  });
  for (let level = 0; level < levels; level++) {
    const node = bytes.subarray(placeOf(level));
    node.write('TREE');
    node[5] = level;
    node.writeUInt16LE(children, 6);
    node.writeBigUInt64LE(undefinedAddress, 8);
    node.writeBigUInt64LE(undefinedAddress, 16);
    for (let child = 0; child < children; child++)
      node.writeBigUInt64LE(BigInt(level === 0 ? table : childOf(level, child)), 32 + 16 * child);
  }
  bytes.write('SNOD\x01', table);
  return Buffer.concat([Buffer.alloc(userBlock), bytes]);
}

/** The root's is the first. */
function placeOf(level: number): number {
  return firstNode + (levels - 1 - level) * nodeSize;
}

describe('a file at which the HDF5 library would go on for ever is refused before it sees it', () => {
  test('nodes of trees that share the nodes below them', async () => {
    const path = write('shared.h5', treeFile({ childOf: (level) => placeOf(level - 1) }));
    await assertRefuses(() => openModel(path), 'fileDamaged', path);
    assert.equal(await flawOf(path), 'reasonContent');
  });

  test('the same behind a user block', async () => {
    const file = treeFile({ childOf: (level) => placeOf(level - 1), userBlock: 512 });
    assert.equal(await flawOf(write('behind.h5', file)), 'reasonContent');
  });

  test('a node that leads up again', async () => {
    const childOf = (level: number, child: number) => (child === 0 ? placeOf(level) : 1);
    assert.equal(await flawOf(write('loop.h5', treeFile({ childOf }))), 'reasonContent');
  });

  test('texts of which a collection has more than the file, by the upper half of its size', async () => {
    const bytes = readFileSync(await writeKerasH5(write('good.h5', ''), smallLegacy()));
    bytes.writeUInt32LE(0x4c4f4347, bytes.indexOf('GCOL') + 12);
    const path = write('long.h5', bytes);
    await assertRefuses(() => openModel(path), 'fileDamaged', path);
    assert.equal(await flawOf(path), 'reasonHeap');
  });
});

test('a tree whose nodes have each a way of their own is sound', async () => {
  const childOf = (level: number, child: number) => (child === 0 ? placeOf(level - 1) : 1);
  assert.equal(await flawOf(write('sound.h5', treeFile({ childOf }))), undefined);
});
