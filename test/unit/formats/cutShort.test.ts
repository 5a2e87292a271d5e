import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { WeightGroup } from '../../../extension/formats/tfjs/manifest.ts';
import { ShardArrays } from '../../../extension/formats/tfjs/shardArrays.ts';
import { fill } from '../../../extension/protocol/labels.ts';
import { word } from '../../../extension/protocol/wording.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { messageFrom } from '../../support/throwsCode.ts';

const write = scratchFiles();
const usual = 4 * 2 ** 20;
const kernels = usual / 4 + 100;

/** A group of weights that take 4 MiB and 400 bytes, in files of these sizes. */
function groupOf(sizes: readonly number[]): WeightGroup {
  const paths = sizes.map((_, i) => `group1-shard${i + 1}of${sizes.length}.bin`);
  const weights = [{ name: 'lstm/kernel', shape: [kernels], dtype: 'float32', ofOptimizer: false }];
  for (const [i, size] of sizes.entries()) truncateSync(write(paths[i], ''), size);
  return { paths, weights };
}

const said = async (sizes: readonly number[]) => {
  const model = write('model.json', '{}');
  const message = await messageFrom(() => ShardArrays.open([groupOf(sizes)], model));
  return word(message, fill).replaceAll(join(dirname(model), '/'), '');
};

test('of files that are cut as usual the one that is too short is named, with its bytes', async () => {
  assert.equal(
    await said([1000, 400]),
    'group1-shard1of2.bin is damaged or incomplete: it should have 4,194,304 bytes, but has 1,000. Save or download the model again.',
  );
  assert.match(await said([usual, 4]), /^group1-shard2of2\.bin .*: it should have 400 bytes, but has 4\./);
  assert.match(await said([9]), /^group1-shard1of1\.bin .*: it should have 4,194,704 bytes, but has 9\./);
});

test('of files that are cut otherwise all are named', async () => {
  assert.match(
    await said([10, 20, 30]),
    /^model\.json .*: its files group1-shard1of3\.bin, .* should have 4,194,704 bytes together, but have 60\./,
  );
});
