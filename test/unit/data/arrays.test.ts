import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartName } from '../../../extension/data/dataset.ts';
import { openData } from '../../../extension/data/open.ts';
import { reportedPart } from '../../../extension/data/split.ts';
import type { DataOptions } from '../../../extension/protocol/recipe.ts';
import { floats, integers, npyBytes } from '../../support/npy.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { npzBytes } from '../../support/zip.ts';
import { expecting, expectingTokens } from './expected.ts';

const write = scratchFiles();
const model = expecting([null, 2, 3], [null, 1]);

/** x [count, 2, 3], every value the sample's number, from `first` on. */
const x = (count: number, first = 0) =>
  floats(
    [count, 2, 3],
    Array.from({ length: count * 6 }, (_, i) => first + Math.floor(i / 6)),
  );
const y = (count: number, first = 0) =>
  floats(
    [count, 1],
    Array.from({ length: count }, (_, i) => first + i),
  );

async function report(arrays: Record<string, Buffer>, options: DataOptions = {}, expected = model) {
  const data = write('data.npz', npzBytes(arrays));
  const dataset = await openData({ data, ...options }, expected);
  const { name, part, notes } = reportedPart(dataset, options.split);
  const samples = await part.load();
  return { dataset, name, part, notes, samples, targets: [...samples.targets.data] };
}

test('of x and y alone the last 20 % in file order are reported, and that is said', async () => {
  const { name, notes, samples, targets } = await report({ x: x(11), y: y(11) });
  assert.equal(name, 'tail');
  assert.deepEqual(targets, [8, 9, 10]);
  assert.deepEqual(samples.inputs[0].shape, [3, 2, 3]);
  assert.deepEqual([...samples.inputs[0].data.subarray(0, 7)], [8, 8, 8, 8, 8, 8, 9]);
  assert.deepEqual(
    notes.map(({ code, args }) => [code, args.samples]),
    [['noteTailSplit', 3]],
  );
});

test('the training part beside a tail is the rest', async () => {
  const { targets } = await report({ x: x(11), y: y(11) }, { split: 'train' });
  assert.deepEqual(targets, [0, 1, 2, 3, 4, 5, 6, 7]);
});

test('one sample is its own tail', async () => {
  const { targets, dataset } = await report({ x: x(1), y: y(1) });
  assert.deepEqual([targets, Object.keys(dataset.parts)], [[0], ['tail', 'all']]);
});

const parts = {
  x_train: x(4),
  y_train: y(4),
  x_val: x(2, 10),
  y_val: y(2, 10),
  x_test: x(3, 20),
  y_test: y(3, 20),
};

test('the test part is reported, else the validation part, else what was asked for', async () => {
  const { x_test, y_test, ...withoutTest } = parts;
  assert.deepEqual((await report(parts)).targets, [20, 21, 22]);
  assert.deepEqual((await report(withoutTest)).targets, [10, 11]);
  assert.deepEqual((await report(parts, { split: 'val' })).targets, [10, 11]);
  assert.deepEqual((await report(parts)).notes, []);
});

test('all is every sample of every part, in the order training, validation, test', async () => {
  const { name, samples, targets } = await report(parts, { split: 'all' });
  assert.deepEqual([name, targets], ['all', [0, 1, 2, 3, 10, 11, 20, 21, 22]]);
  assert.deepEqual(samples.inputs[0].shape, [9, 2, 3]);
  assert.equal(samples.inputs[0].data.at(-1), 22);
});

test('a training part alone is reported by its tail', async () => {
  const { name, targets } = await report({ x_train: x(5), y_train: y(5) });
  assert.deepEqual([name, targets], ['tail', [4]]);
});

test('x and y beside a test part are the training part', async () => {
  const { dataset, targets } = await report({ x: x(4), y: y(4), x_test: x(1, 9), y_test: y(1, 9) });
  assert.deepEqual([targets, dataset.parts.train?.count], [[9], 4]);
});

test('a capital X is found', async () => {
  assert.deepEqual((await report({ X: x(5), y: y(5) })).targets, [4]);
});

test('--x and --y name arrays, with or without the ending of a part', async () => {
  const other = { seq_train: x(4), label_train: y(4), seq_test: x(2, 7), label_test: y(2, 7) };
  assert.deepEqual((await report(other, { x: 'seq', y: 'label' })).targets, [7, 8]);
  const train = await report(other, { x: 'seq_train', y: 'label_train', split: 'all' });
  assert.deepEqual(train.targets, [0, 1, 2, 3]);
  const named = await report({ ...parts, seq: x(5, 50), target: y(5, 50) }, { x: 'seq', y: 'target' });
  assert.deepEqual([named.name, named.targets], ['tail', [54]]);
  const both = await report({ ...parts, x: x(5, 50), y: y(5, 50) }, { x: 'x', y: 'y' });
  assert.deepEqual([both.name, both.targets], ['tail', [54]]);
});

test('several inputs come in model order, by --x or by their own names', async () => {
  const inputs = [
    { name: 'left', shape: [null, 2], dtype: 'float32' as const },
    { name: 'right', shape: [null, 1], dtype: 'float32' as const },
  ];
  const expected = { inputs, output: [null, 1] };
  const arrays = {
    right: floats([5, 1], [1, 2, 3, 4, 5]),
    left: floats([5, 2], new Array(10).fill(0)),
    y: y(5),
  };
  for (const options of [{}, { x: 'left, right' }]) {
    const { samples } = await report(arrays, options, expected);
    assert.deepEqual(
      samples.inputs.map(({ shape }) => shape),
      [
        [1, 2],
        [1, 1],
      ],
    );
    assert.deepEqual([...samples.inputs[1].data], [5]);
  }
  await assertRefuses(() => report(arrays, { x: 'left' }, expected), 'inputCount', 'left, right');
});

test('.npy files need no --data', async () => {
  const files = { x: write('x.npy', x(10)), y: write('y.npy', y(10)) };
  const dataset = await openData(files, model);
  assert.equal(dataset.file, files.x);
  assert.deepEqual([...((await dataset.parts.tail?.load())?.targets.data ?? [])], [8, 9]);
  await assertRefuses(() => openData({ x: files.x }, model), 'dataNeeded');
  await assertRefuses(() => openData({ x: files.x, y: 'labels' }, model), 'dataFormatUnknown', 'labels');
});

test('a part that is not there is refused with those that are', async () => {
  await assertRefuses(() => report({ x: x(5), y: y(5) }, { split: 'test' }), 'splitMissing', 'train, all');
  const { x_val, y_val, ...withoutVal } = parts;
  await assertRefuses(() => report(withoutVal, { split: 'val' }), 'splitMissing', 'train, test, all');
});

test('missing arrays are refused with a list of what is there', async () => {
  await assertRefuses(() => report({ x: x(5) }), 'arrayMissing', 'array y', 'x [5, 2, 3]');
  await assertRefuses(() => report({ x_test: x(5), y: y(5) }), 'arrayMissing', 'y_test');
  await assertRefuses(() => report(parts, { x: 'foo' }), 'arrayMissing', 'array foo', 'x_train [4, 2, 3]');
  await assertRefuses(() => report({ a: x(5), b: y(5) }), 'arraysAmbiguous', 'a [5, 2, 3], b [5, 1]');
});

test('a wrong rank or size names the array, what was expected and what was found', async () => {
  const wrong = { x: floats([5, 3, 2], new Array(30).fill(0)), y: y(5) };
  await assertRefuses(() => report(wrong), 'arrayShape', 'data.npz', 'array x', '[N, 2, 3]', '[5, 3, 2]');
  await assertRefuses(() => report({ x: y(5), y: y(5) }), 'arrayShape', '[5, 1]');
  const free = expecting([null, null, 3]);
  await assertRefuses(
    () => report({ x: floats([5, 0, 3], []), y: y(5) }, {}, free),
    'arrayShape',
    '[N, *, 3]',
  );
  const targets = { x: x(5), y: floats([5, 4], new Array(20).fill(0)) };
  await assertRefuses(() => report(targets), 'arrayShape', 'array y', '[5, 4]');
  const scalar = npyBytes({ descr: '<f4', shape: [], values: Float32Array.of(1) });
  await assertRefuses(() => report({ x: scalar, y: y(5) }), 'arrayShape', '[]');
});

test('a trailing axis of 1 may be there or not', async () => {
  const flat = { x: floats([5, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), y: floats([5], [0, 1, 2, 3, 4]) };
  assert.deepEqual((await report(flat, {}, expecting([null, 2, 1]))).samples.inputs[0].shape, [1, 2, 1]);
  const deep = { x: floats([5, 2, 1], new Array(10).fill(0)), y: y(5) };
  assert.deepEqual((await report(deep, {}, expecting([null, 2]))).samples.inputs[0].shape, [1, 2]);
});

test('targets may be class indices with an axis less or a trailing 1, and stay whole', async () => {
  const classes = expecting([null, 2, 3], [null, 10]);
  for (const shape of [[5], [5, 1]]) {
    const { samples } = await report({ x: x(5), y: integers(shape, [1, 2, 3, 4, 5]) }, {}, classes);
    assert.ok(samples.targets.data instanceof Int32Array);
  }
  const steps = expecting([null, 2, 3], [null, 2, 10]);
  await report({ x: x(5), y: integers([5, 2], new Array(10).fill(1)) }, {}, steps);
  await assertRefuses(
    () => report({ x: x(5), y: integers([5, 3], new Array(15).fill(1)) }, {}, steps),
    'arrayShape',
    '[N, 2, 10]',
  );
});

test('sample counts that differ and parts without samples are refused', async () => {
  await assertRefuses(() => report({ x: x(5), y: y(6) }), 'samplesDiffer', '5 in array x', '6 in y');
  await assertRefuses(
    () => report({ ...parts, x_test: x(0), y_test: y(0) }),
    'tooFewSamples',
    'few samples (0)',
  );
  await assertRefuses(() => report({ x: x(0), y: y(0) }), 'tooFewSamples');
});

test('NaN and infinite values are named with their place in the file', async () => {
  const values = new Array(60).fill(0);
  values[57] = Number.NaN;
  const bad = { x: floats([10, 2, 3], values), y: y(10) };
  await assertRefuses(() => report(bad), 'arrayNonFinite', 'array x', 'NaN', '[9, 1, 0]');
  // Nobody needs sample 9 here.
  assert.equal((await report(bad, { split: 'train' })).samples.count, 8);
  const infinite = { x: x(2), y: floats([2, 1], [0, Number.POSITIVE_INFINITY]) };
  await assertRefuses(() => report(infinite), 'arrayNonFinite', 'array y', 'Infinity', '[1, 0]');
});

test('token ids must be whole and in the vocabulary', async () => {
  const tokens = expectingTokens([null, 2], 10, [null, 1]);
  const ids = (values: number[]) => ({ x: integers([2, 2], values), y: y(2) });
  const { samples } = await report(ids([0, 9, 3, 9]), { split: 'all' }, tokens);
  assert.deepEqual(samples.inputs[0].data, Int32Array.of(0, 9, 3, 9));
  const all = { split: 'all' } as const;
  await assertRefuses(() => report(ids([0, 9, 3, 10]), all, tokens), 'arrayRange', '10', '[1, 1]', '0 to 9');
  await assertRefuses(() => report(ids([0, -1, 3, 1]), all, tokens), 'arrayRange', '-1', '[0, 1]');
  const fractions = { x: floats([1, 2], [1, 1.5]), y: y(1) };
  await assertRefuses(() => report(fractions, all, tokens), 'arrayRange', '1.5');
  const wholeFloats = { x: floats([1, 2], [1, 2]), y: y(1) };
  assert.deepEqual((await report(wholeFloats, all, tokens)).samples.inputs[0].data, Int32Array.of(1, 2));
});

test('whole numbers feed a float input as floats', async () => {
  const bytes = npyBytes({ descr: '|u1', shape: [1, 2, 3], values: Uint8Array.of(0, 255, 1, 2, 3, 4) });
  const { samples } = await report({ x: bytes, y: y(1) });
  assert.deepEqual(samples.inputs[0].data, Float32Array.of(0, 255, 1, 2, 3, 4));
});

test('a flaw in a part that is not reported stands in nobody’s way', async () => {
  const { targets } = await report({ ...parts, x_train: floats([4, 9], new Array(36).fill(0)) });
  assert.deepEqual(targets, [20, 21, 22]);
});

test('parts of different free lengths cannot be reported together', async () => {
  const free = expecting([null, null, 1]);
  const arrays = {
    x_train: floats([1, 2, 1], [1, 2]),
    y_train: y(1),
    x_test: floats([1, 3, 1], [1, 2, 3]),
    y_test: y(1),
  };
  assert.equal((await report(arrays, {}, free)).samples.count, 1);
  await assertRefuses(() => report(arrays, { split: 'all' }, free), 'arrayShape', 'x_test', '[N, 2, 1]');
});

test('files of other kinds are refused by name', async () => {
  for (const name of ['data.txt', 'data', 'model.h5', 'data.pkl']) {
    await assertRefuses(() => openData({ data: write(name, 'x') }, model), 'dataFormatUnknown', name);
  }
  await assertRefuses(() => openData({ data: write('one.npy', x(1)) }, model), 'dataNeeded');
  await assertRefuses(() => openData({ data: 'nowhere.npz' }, model), 'fileNotFound', 'nowhere.npz');
  await assertRefuses(() => openData({}, model), 'dataNeeded');
});

test('every part knows its size before anything is loaded', async () => {
  const data = write('sizes.npz', npzBytes(parts));
  const { parts: found } = await openData({ data }, model);
  const counts = Object.entries(found).map(([name, part]) => [name as PartName, part.count]);
  assert.deepEqual(counts, [
    ['train', 4],
    ['val', 2],
    ['test', 3],
    ['all', 9],
  ]);
});
