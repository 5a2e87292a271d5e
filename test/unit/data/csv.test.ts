import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openData } from '../../../extension/data/open.ts';
import { reportedPart } from '../../../extension/data/split.ts';
import type { DataOptions } from '../../../extension/protocol/recipe.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { expecting, expectingTokens } from './expected.ts';

const write = scratchFiles();
const oneColumn = expecting([null, 3, 1], [null, 1]);

async function report(text: string | Buffer, options: DataOptions = {}, expected = oneColumn) {
  const data = write('series.csv', text);
  const dataset = await openData({ data, ...options }, expected);
  const { part, notes } = reportedPart(dataset, options.split);
  const { inputs, targets, count } = await part.load();
  return {
    dataset,
    notes,
    count,
    x: inputs[0],
    y: targets,
    inputs: [...inputs[0].data],
    targets: [...targets.data],
  };
}

const all = { split: 'all' } as const;
const series = (rows: number) => ['value', ...Array.from({ length: rows }, (_, i) => i)].join('\n');

test('window t is rows t…t+W−1, and its target row t+W−1+horizon', async () => {
  const { x, inputs, y, targets } = await report(series(6), all);
  assert.deepEqual(
    [x.shape, y.shape],
    [
      [3, 3, 1],
      [3, 1],
    ],
  );
  assert.deepEqual(inputs, [0, 1, 2, 1, 2, 3, 2, 3, 4]);
  assert.deepEqual(targets, [3, 4, 5]);
});

test('horizon and stride move targets and windows', async () => {
  const { inputs, targets } = await report(series(10), { ...all, horizon: 3, stride: 2 });
  assert.deepEqual(inputs, [0, 1, 2, 2, 3, 4, 4, 5, 6]);
  assert.deepEqual(targets, [5, 7, 9]);
});

for (const [rows, horizon, stride] of [
  [4, 1, 1],
  [5, 1, 2],
  [6, 1, 2],
  [20, 4, 3],
  [21, 4, 3],
  [100, 0, 7],
]) {
  test(`${rows} rows give floor((N−W−horizon)/stride)+1 windows at horizon ${horizon}, stride ${stride}`, async () => {
    const { count } = await report(series(rows), { ...all, horizon, stride });
    assert.equal(count, Math.floor((rows - 3 - horizon) / stride) + 1);
  });
}

test('one row less than a window needs is refused with the number it needs', async () => {
  await assertRefuses(() => report(series(3)), 'tooFewRows', 'few rows (3)', 'window of 3', 'at least 4');
  await assertRefuses(() => report('value\n'), 'tooFewRows', 'few rows (0)');
});

test('the last 20 % of windows are reported, and training shares no row with them', async () => {
  const { dataset, targets } = await report(series(53));
  assert.deepEqual([dataset.parts.all?.count, targets.length, targets[0]], [50, 10, 43]);
  const train = await dataset.parts.train?.load();
  // The first reported window begins at row 40; the last training target is row 39.
  assert.deepEqual([train?.count, train?.targets.data.at(-1)], [37, 39]);
});

test('a model of free length needs --window, one of fixed length takes no other', async () => {
  const free = expecting([null, null, 1]);
  await assertRefuses(() => report(series(9), {}, free), 'windowNeeded');
  assert.deepEqual((await report(series(9), { ...all, window: 4 }, free)).x.shape, [5, 4, 1]);
  await assertRefuses(() => report(series(9), { window: 4 }), 'invalidValue', 'window is 4; expected 3');
});

const table = 'day,a,b\nmon,0,10\ntue,1,11\nwed,2,12\nthu,3,13\nfri,4,14\n';

test('columns are named by header or by index, which may repeat', async () => {
  for (const [x, y] of [
    ['a', 'b'],
    ['1', '2'],
    [' a ', '2'],
  ]) {
    const { inputs, targets } = await report(table, { ...all, x, y });
    assert.deepEqual(
      [inputs, targets],
      [
        [0, 1, 2, 1, 2, 3],
        [13, 14],
      ],
    );
  }
  const two = expecting([null, 3, 2], [null, 1]);
  const { x, inputs } = await report(table, { ...all, x: 'b,a', y: 'a' }, two);
  assert.deepEqual(
    [x.shape, inputs.slice(0, 4)],
    [
      [2, 3, 2],
      [10, 0, 11, 1],
    ],
  );
});

test('columns that pandas numbered are named by their numbers', async () => {
  const numbered = ',0,1\n0,5,15\n1,6,16\n2,7,17\n3,8,18\n';
  const { inputs, targets } = await report(numbered, { ...all, x: '0', y: '1' });
  assert.deepEqual([inputs, targets], [[5, 6, 7], [18]]);
});

test('without --x all columns of numbers are taken where they fit the model', async () => {
  const two = expecting([null, 3, 2], [null, 2]);
  const { inputs, y } = await report(table, all, two);
  assert.deepEqual(
    [inputs.slice(0, 2), y.shape, [...y.data]],
    [
      [0, 10],
      [2, 2],
      [3, 13, 4, 14],
    ],
  );
  await assertRefuses(() => report(table, all), 'columnsAmbiguous', 'day, a, b');
  const oneOut = expecting([null, 3, 2], [null, 1]);
  await assertRefuses(() => report(table, all, oneOut), 'columnsAmbiguous', '--y');
});

test('columns that are not there, too many or not numbers are refused', async () => {
  await assertRefuses(() => report(table, { x: 'c' }), 'columnMissing', 'column c', 'day, a, b');
  await assertRefuses(() => report(table, { x: '7' }), 'columnMissing', 'column 7');
  await assertRefuses(() => report(table, { x: 'a,b' }), 'columnCount', 'a, b');
  await assertRefuses(() => report(table, { x: 'day', y: 'a' }), 'csvValue', 'row 2, column day', '"mon"');
});

test('a bad value is named by the row of the file, blank lines counted', async () => {
  await assertRefuses(() => report('v\n1\n\n2\nx\n4\n5\n'), 'csvValue', 'row 5, column v', '"x"');
  for (const bad of ['nan', 'inf', '', '1 2', '0x10', '1e', '--1']) {
    await assertRefuses(
      () => report(`a,v\n1,1\n1,${bad}\n1,2\n1,3\n`, { x: 'v' }),
      'csvValue',
      'row 3',
      `"${bad}"`,
    );
  }
  await assertRefuses(() => report('a,v\n1,1\n2\n3,3\n4,4\n', { x: 'v' }), 'csvValue', 'row 3');
});

const same: Record<string, string | Buffer> = {
  'no header': '1.5,0\n2.5,0\n3.5,0\n4.5,0\n',
  'quoted numbers and header': '"a","b"\r\n"1.5","0"\r\n"2.5","0"\r\n"3.5","0"\r\n"4.5","0"\r\n',
  'a byte order mark': '\ufeffa,b\n1.5,0\n2.5,0\n3.5,0\n4.5,0\n',
  'blank lines': '\na,b\n\n1.5,0\n2.5,0\n\n\n3.5,0\n4.5,0\n\n',
  'spaces, signs and exponents': 'a , b\n +1.5 , 0\n 25e-1,0\n0.35E+1 ,0\n4.50,0\n',
  semicolons: 'a;b\n1.5;0\n2.5;0\n3.5;0\n4.5;0\n',
  tabs: 'a\tb\n1.5\t0\n2.5\t0\n3.5\t0\n4.5\t0\n',
  'decimal commas': 'a;b\n1,5;0\n2,5;0\n3,5;0\n4,5;0\n',
  'UTF-16': Buffer.from('\ufeffa\tb\r\n1,5\t0\r\n2,5\t0\r\n3,5\t0\r\n4,5\t0\r\n', 'utf16le'),
  'an old code page': Buffer.from('Größe;b\n1,5;0\n2,5;0\n3,5;0\n4,5;0\n', 'latin1'),
  'the line ends of old Macs': 'a,b\r1.5,0\r2.5,0\r3.5,0\r4.5,0\r',
};

for (const [kind, text] of Object.entries(same)) {
  test(`a table with ${kind} reads the same`, async () => {
    const { inputs, targets } = await report(text, { ...all, x: '0', y: '0' });
    assert.deepEqual([inputs, targets], [[1.5, 2.5, 3.5], [4.5]]);
  });
}

test('a comma that may part thousands is not guessed at', async () => {
  const text = 'a;b\n1,234.5;0\n2;0\n3;0\n4;0\n';
  await assertRefuses(() => report(text, { x: 'a' }), 'csvValue', '"1,234.5"');
  await assertRefuses(() => report('a,b\n"1,5",0\n2,0\n3,0\n4,0\n', { x: 'a' }), 'csvValue', '"1,5"');
});

test('whole targets stay whole, fractions do not', async () => {
  assert.ok((await report(series(5), all)).y.data instanceof Int32Array);
  assert.ok((await report('1\n2\n3\n4.5\n', all)).y.data instanceof Float32Array);
});

test('minmax maps the training rows to 0…1, and only those decide', async () => {
  const { dataset, targets, notes } = await report(series(53), { ...all, scale: 'minmax' });
  assert.deepEqual(
    notes.map(({ code, args }) => [code, args.scale]),
    [['noteScaled', 'minmax']],
  );
  // Training reaches to row 39.
  assert.equal((await dataset.parts.train?.load())?.targets.data.at(-1), 1);
  assert.equal(targets.at(-1), Math.fround(52 / 39));
});

test('standard scaling gives the training rows mean 0 and standard deviation 1', async () => {
  const { inputs } = await report(series(53), { ...all, scale: 'standard' });
  // Rows 0…39: mean 19.5, population variance (40² − 1) / 12
  assert.equal(inputs[0], Math.fround(-19.5 / Math.sqrt(1599 / 12)));
});

test('a constant column is only shifted', async () => {
  const text = Array.from({ length: 53 }, () => '7').join('\n');
  for (const scale of ['minmax', 'standard'] as const) {
    assert.deepEqual(new Set((await report(text, { ...all, scale })).inputs), new Set([0]));
  }
});

test('scaling needs rows for training', async () => {
  const few = () => report(series(7), { scale: 'minmax' });
  await assertRefuses(few, 'tooFewRows', 'few rows (7)', 'at least 8');
  assert.equal((await report(series(8), { scale: 'minmax' })).count, 1);
});

test('each column has its own scale', async () => {
  const rows = Array.from({ length: 53 }, (_, i) => `${i},${1000 - 10 * i}`).join('\n');
  const { inputs, targets } = await report(rows, { ...all, x: '0', y: '1', scale: 'minmax' });
  assert.deepEqual([inputs[0], targets[0]], [0, Math.fround(1 - 3 / 39)]);
});

test('a series of token ids feeds an embedding', async () => {
  const tokens = expectingTokens([null, 3], 5, [null, 5]);
  const { x, y } = await report('1\n2\n3\n4\n0\n', all, tokens);
  assert.deepEqual([x.shape, x.data, y.data], [[2, 3], Int32Array.of(1, 2, 3, 2, 3, 4), Int32Array.of(4, 0)]);
  await assertRefuses(() => report('1\n2\n3\n4\n5\n6\n', all, tokens), 'arrayRange', '5');
});

test('what is no table is refused', async () => {
  await assertRefuses(() => report(''), 'dataDamaged', 'empty');
  await assertRefuses(() => report('\n\n \n'), 'dataDamaged', 'empty');
  await assertRefuses(() => report(Buffer.from([0x89, 0x48, 0, 1, 2, 3])), 'dataDamaged', 'not text');
  await assertRefuses(() => report('a,b\n"1,2\n3,4\n'), 'dataDamaged', 'row');
  const noise = Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * i * 31 + (i >> 3)) & 0xff));
  await assertRefuses(() => report(noise), 'dataDamaged', 'not text');
});

test('a model with several inputs is refused', async () => {
  const inputs = [...oneColumn.inputs, { name: 'other', shape: [null, 1], dtype: 'float32' as const }];
  await assertRefuses(() => report(series(9), {}, { inputs }), 'csvSeveralInputs', '2 inputs');
});

test('a model that puts out a value a step is refused by the shape of its targets', async () => {
  const steps = expecting([null, 3, 1], [null, 3, 1]);
  await assertRefuses(() => report(series(9), {}, steps), 'arrayShape', 'array value', '[N, 3, 1]');
});
