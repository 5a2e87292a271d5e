// Data that is opened for a training that needs no targets.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBareData, openData } from '../../../extension/data/open.ts';
import { loadTraining, reportedPart } from '../../../extension/data/split.ts';
import type { DataOptions } from '../../../extension/protocol/recipe.ts';
import { floats } from '../../support/npy.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { npzBytes } from '../../support/zip.ts';
import { expecting } from './expected.ts';

const write = scratchFiles();
const model = expecting([null, 2, 1], [null, 1]);
const x = (count: number) => floats([count, 2, 1], new Array(2 * count).fill(1));
const y = (count: number) => floats([count, 1], new Array(count).fill(1));

/** How many samples the reported part has, those that are trained on and for validation, and which of them have targets. */
async function found(options: DataOptions) {
  const dataset = await openBareData(options, model);
  const { name: split, part } = reportedPart(dataset, options.split);
  const samples = await part.load();
  const { train, validation } = await loadTraining(dataset, { split, samples });
  const parts = [samples, train, validation];
  return [split, parts.map(({ count }) => count), parts.map(({ targets }) => targets !== undefined)];
}

const npz = (arrays: Record<string, Buffer>) => write('data.npz', npzBytes(arrays));

test('inputs alone are divided like inputs with targets', async () => {
  assert.deepEqual(await found({ data: npz({ x: x(50) }) }), ['tail', [10, 36, 4], [false, false, false]]);
  const parts = { x_train: x(20), x_val: x(5), x_test: x(4) };
  assert.deepEqual(await found({ data: npz(parts) }), ['test', [4, 20, 5], [false, false, false]]);
  assert.deepEqual(await found({ data: npz({ series: x(50) }), x: 'series' }), [
    'tail',
    [10, 36, 4],
    [false, false, false],
  ]);
  assert.deepEqual(await found({ x: write('x.npy', x(50)) }), ['tail', [10, 36, 4], [false, false, false]]);
});

test('targets that are there are read, of each part by itself', async () => {
  const labelledTest = { x_train: x(20), x_test: x(4), y_test: y(4) };
  assert.deepEqual(await found({ data: npz(labelledTest) }), ['test', [4, 18, 2], [true, false, false]]);
  assert.deepEqual(await found({ data: npz({ x: x(50), y: y(50) }) }), [
    'tail',
    [10, 36, 4],
    [true, true, true],
  ]);
  const all = await openBareData({ data: npz(labelledTest) }, model);
  assert.deepEqual(await all.parts.all?.load().then(({ count, targets }) => [count, targets]), [
    24,
    undefined,
  ]);
});

test('the columns of a table are targets only where they are named', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => `${i},${i}`).join('\n');
  const data = write('series.csv', `a,b\n${rows}\n`);
  const [split, , labelled] = await found({ data, x: 'a' });
  assert.deepEqual([split, labelled], ['tail', [false, false, false]]);
  assert.deepEqual((await found({ data, x: 'a', y: 'b' }))[2], [true, true, true]);
});

test('what the user names must be there, and targets without inputs are a slip', async () => {
  const named = { data: npz({ x: x(5) }), x: 'x', y: 'labels' };
  await assertRefuses(() => openBareData(named, model), 'arrayMissing', 'labels');
  await assertRefuses(
    () => openBareData({ data: npz({ x_train: x(5), y_test: y(5) }) }, model),
    'arrayMissing',
  );
  const uneven = await openBareData({ data: npz({ x: x(5), y: y(4) }) }, model);
  await assertRefuses(() => uneven.parts.all?.load(), 'samplesDiffer');
  const empty = await openBareData({ data: npz({ x: x(0) }) }, model);
  await assertRefuses(() => empty.parts.all?.load(), 'tooFewSamples');
});

test('whoever needs targets is refused data without them', async () => {
  await assertRefuses(() => openData({ data: npz({ x: x(5) }) }, model), 'arrayMissing');
  await assertRefuses(() => openData({ x: write('x.npy', x(5)) }, model), 'dataNeeded');
});
