import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExpectedData, PartName } from '../../../extension/data/dataset.ts';
import { openData } from '../../../extension/data/open.ts';
import { loadTraining } from '../../../extension/data/split.ts';
import type { DataOptions } from '../../../extension/protocol/recipe.ts';
import { finetuneData, type PartSizes } from '../../support/finetuneData.ts';
import { floats, integers } from '../../support/npy.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { small } from '../../support/smallModels.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { npzBytes } from '../../support/zip.ts';

const write = scratchFiles();
const expected: ExpectedData = {
  inputs: [{ name: 'x', shape: [null, small.steps, small.inputs], dtype: 'float32' }],
  output: [null, small.classes],
};

async function trainingOf(options: DataOptions, what: ExpectedData, split: PartName) {
  const dataset = await openData(options, what);
  const part = dataset.parts[split];
  assert.ok(part);
  return loadTraining(dataset, { split, samples: await part.load() });
}

const cases: [string, PartSizes, PartName, [number, number, PartName | 'held'], string[]][] = [
  ['val where test is reported', { train: 50, val: 7, test: 9 }, 'test', [50, 7, 'val'], []],
  ['the last tenth where val is reported', { train: 50, val: 7 }, 'val', [45, 5, 'held'], []],
  ['the last tenth where val is asked for', { train: 50, val: 7, test: 9 }, 'val', [45, 5, 'held'], []],
  ['at least one sample', { train: 2, test: 9 }, 'test', [1, 1, 'held'], []],
  [
    'what is reported where one sample is all',
    { train: 1, test: 9 },
    'test',
    [1, 9, 'test'],
    ['noteValidationReported'],
  ],
  ['val beside a reported train', { train: 50, val: 7 }, 'train', [50, 7, 'val'], ['noteReportedTrained']],
];
for (const [name, sizes, split, [train, validation, from], notes] of cases) {
  test(`epochs are compared by ${name}`, async () => {
    const data = write('parts.npz', finetuneData(sizes));
    const found = await trainingOf({ data }, expected, split);
    assert.deepEqual(
      [found.train.count, found.validation.count, found.validationSplit],
      [train, validation, from],
    );
    assert.deepEqual(
      found.notes.map(({ code }) => code),
      notes,
    );
    for (const { inputs, targets, count } of [found.train, found.validation]) {
      assert.deepEqual(
        [...inputs, targets].map(({ shape }) => shape[0]),
        [count, count],
      );
    }
  });
}

test('there is no training without a training part', async () => {
  const data = write('parts.npz', finetuneData({ train: 0, val: 5, test: 5 }));
  await assertRefuses(() => trainingOf({ data }, expected, 'test'), 'splitMissing', 'train', 'val, test');
});

test('one sample alone is too few to train on others than are reported', async () => {
  const [x, y] = [
    floats([1, small.steps, small.inputs], new Array(small.steps * small.inputs).fill(0.5)),
    integers([1], [0]),
  ];
  const data = write('one.npz', npzBytes({ x, y }));
  await assertRefuses(
    () => trainingOf({ data }, expected, 'tail'),
    'tooFewSamples',
    'few samples (1)',
    'least 2',
  );
});

test('windows of training, validation and report share no row', async () => {
  const series: ExpectedData = {
    inputs: [{ name: 'x', shape: [null, null, 1], dtype: 'float32' }],
    output: [null, 1],
  };
  for (const [rows, window, horizon, stride] of [
    [400, 10, 1, 1],
    [401, 7, 3, 2],
    [300, 5, 1, 5],
    [90, 8, 2, 3],
  ]) {
    // Each value is its row, so that the values tell what was used.
    const data = write('series.csv', `v\n${Array.from({ length: rows }, (_, i) => i + 0.5).join('\n')}\n`);
    const options: DataOptions = { data, x: 'v', y: 'v', window, horizon, stride };
    const { train, validation, validationSplit } = await trainingOf(options, series, 'tail');
    const reported = await (await openData(options, series)).parts.tail?.load();
    assert.ok(reported);
    assert.equal(validationSplit, 'held');
    const parts = [train, validation, reported].map(({ inputs, targets }) => [
      ...inputs[0].data,
      ...targets.data,
    ]);
    assert.ok(parts.every(({ length }) => length > 0));
    assert.ok(Math.max(...parts[0]) < Math.min(...parts[1]), `${rows} rows`);
    assert.ok(Math.max(...parts[1]) < Math.min(...parts[2]), `${rows} rows`);
  }
});
