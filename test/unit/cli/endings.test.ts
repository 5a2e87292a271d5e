import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { placeOf, sha256 } from '../../support/jobContext.ts';
import { root } from '../../support/paths.ts';
import { assertFails, lstmPruner } from './command.ts';
import { commandFiles } from './commandFiles.ts';

const { write, model, data, xFile, yFile } = await commandFiles();

const usage: [string, string[], string][] = [
  ['an unknown command', ['shrink', model], 'shrink'],
  ['an unknown flag', ['inspect', model, '--loud'], '--loud'],
  ['a flag of another command', ['inspect', model, '--sparsity', '0.5'], '--sparsity'],
  ['a flag without its value', ['prune', model, '--sparsity'], '--sparsity'],
  ['no model', ['inspect'], 'one model'],
  ['two models', ['inspect', model, model], 'one model'],
  ['a sparsity that is no number', ['prune', model, '--sparsity', 'half'], 'half'],
  ['a sparsity above 1', ['prune', model, '--sparsity', '80'], '--sparsity is 80;'],
  ['no sparsity', ['prune', model], 'Give --sparsity.'],
  ['a gate that no layer has', ['prune', model, '--sparsity', '0.5', '--gates', 'z=0.5'], 'z'],
  ['gates that are no list', ['prune', model, '--sparsity', '0.5', '--gates', 'i'], 'i=0.9'],
  [
    'an unknown scope',
    ['prune', model, '--sparsity', '0.5', '--scope', 'row'],
    'gate, matrix, layer, global',
  ],
  [
    'k without a threshold',
    ['prune', model, '--sparsity', '0.5', '--k', '1'],
    '--k cannot be used with --criterion magnitude',
  ],
  [
    'a threshold with a sparsity',
    ['prune', model, '--criterion', 'threshold', '--sparsity', '0.5'],
    'sparsity',
  ],
  ['a batch of none', ['evaluate', model, '--data', data, '--batch', '0'], '0'],
  ['an unknown loss', ['evaluate', model, '--data', data, '--loss', 'mine'], 'mine'],
  ['a loss that is only a word', ['prune', model, '--sparsity', '0.5', '--loss', 'mine'], 'mine'],
  ['a horizon of none', ['evaluate', model, '--data', data, '--horizon', '0'], '--horizon is 0'],
  ['a gate of every object', ['prune', model, '--sparsity', '0.5', '--gates', '__proto__=0.5'], '__proto__'],
  ['evaluating without data', ['evaluate', model], '--data'],
  ['targets without inputs', ['prune', model, '--sparsity', '0.5', '--y', yFile], '--y has no effect'],
  ['inputs without targets', ['evaluate', model, '--x', xFile], '--y'],
  ['a split of no data', ['prune', model, '--sparsity', '0.5', '--split', 'val', '--window', '3'], '--split'],
  ['epochs without data', ['prune', model, '--sparsity', '0.5', '--epochs', '3'], '--epochs has no effect'],
  [
    'patience without epochs',
    ['prune', model, '--sparsity', '0.5', '--data', data, '--patience', '3'],
    '--patience has no effect without fine-tuning',
  ],
  [
    'a learning rate without epochs',
    ['prune', model, '--sparsity', '0.5', '--data', data, '--learning-rate', '0.1'],
    '--learning-rate has no effect',
  ],
  [
    'a learning rate of 0',
    ['prune', model, '--sparsity', '0.5', '--data', data, '--epochs', '1', '--learning-rate', '0'],
    '--learning-rate is 0; expected a number above 0',
  ],
  [
    'momentum with adam',
    ['prune', model, '--sparsity', '0.5', '--data', data, '--epochs', '1', '--momentum', '0.9'],
    '--momentum cannot be used with --optimizer adam',
  ],
  ['epochs to evaluate', ['evaluate', model, '--data', data, '--epochs', '1'], '--epochs'],
  ['an unknown engine', ['evaluate', model, '--data', data, '--engine', 'gpu'], 'auto, wasm, tensorflow'],
  ['a split of no data to evaluate', ['evaluate', model, '--split', 'val'], '--split'],
];
for (const [name, args, part] of usage) {
  test(`${name} ends with 2 and one line`, () => assertFails(args, 2, part));
}

test('what cannot be done ends with 1 and one line', async () => {
  await assertFails(['inspect', 'no/such/model.h5'], 1, 'no/such/model.h5');
  await assertFails(['inspect', data], 1, 'data.npz');
  await assertFails(['inspect', write('noise.h5', 'noise'), '--json'], 1, 'noise.h5');
  await assertFails(['evaluate', model, '--data', 'none.npz'], 1, 'none.npz');
  await assertFails(['inspect', write('cut.h5', readFileSync(model).subarray(0, 5000))], 1, 'cut.h5');
});

test('interrupted while its output is half-written it ends with 130, says so, and leaves nothing', async () => {
  const reber = join(root, 'examples/reber');
  const place = placeOf(join(reber, 'reber.keras'));
  const before = sha256(place.model);
  let interrupted = false;
  // The temporary file beside the model; once, as a second signal ends the process at once.
  const interruptWhen = () => {
    if (interrupted) return false;
    interrupted = place.files().length > 1;
    return interrupted;
  };
  const args = ['prune', place.model, '--sparsity', '0.5', '--data', join(reber, 'reber.npz')];
  const { code, out, err } = await lstmPruner(args, { interruptWhen });
  assert.deepEqual([code, out, err], [130, '', 'Cancelled. Nothing was written.\n']);
  assert.deepEqual(place.files(), ['reber.keras']);
  assert.equal(sha256(place.model), before);
  place.remove();
});

test('it speaks Chinese where the locale is Chinese, and English elsewhere', async () => {
  const chinese = /[\u4e00-\u9fff]/;
  for (const [locale, expected] of [
    ['zh_CN.UTF-8', true],
    ['zh_TW.UTF-8', false],
    ['de_DE.UTF-8', false],
    ['C', false],
  ] as const) {
    const { out } = await lstmPruner(['inspect', model], { env: { LC_ALL: locale } });
    assert.equal(chinese.test(out), expected, locale);
    const { code, err } = await lstmPruner(['inspect', 'none.h5'], { env: { LC_ALL: locale } });
    assert.equal(code, 1);
    assert.equal(chinese.test(err), expected, locale);
  }
});

test('what is wrong with the arguments is said in that language, too', async () => {
  const env = { LC_ALL: '', LANG: 'zh_CN.UTF-8' };
  const prune = ['prune', model, '--sparsity', '0.5'];
  const refused: [string[], string][] = [
    [['shrink', model], '没有命令“shrink”。可用的有：inspect，evaluate，prune，convert，sensitivity，auto。'],
    [['inspect'], 'inspect 需要一个模型文件，而不是 0 个。'],
    [['convert', model], 'convert 需要 --out FILE，文件名的结尾决定格式。'],
    [['inspect', model, '--loud'], 'inspect 没有选项 --loud。'],
    [[...prune, '--epochs'], '--epochs 需要一个值。'],
    [[...prune, '--out', '-o.h5'], '--out 需要一个值，但其后是 -o.h5。如果这就是值，请写成 --out=-o.h5。'],
    [['inspect', model, '--json=yes'], '--json 不接受值。'],
    [[...prune, '--report', 'r.txt'], '--report r.txt 应以 .html、.md 或 .json 结尾。'],
  ];
  for (const [args, line] of refused) {
    const { code, out, err } = await lstmPruner(args, { env });
    assert.deepEqual([code, out, err], [2, '', `${line}用法见 --help。\n`]);
  }
});

test('inspecting loads no TensorFlow.js; evaluating does', async () => {
  const hooks = write(
    'record.mjs',
    `import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    // A message of TensorFlow.js, which bundling leaves as it is.
    const mentions = Buffer.from(loaded.source ?? '').includes('No backend found in registry.');
    appendFileSync(process.env.RECORD, JSON.stringify([url, mentions]) + '\\n');
    return loaded;
  },
});`,
  );
  const loadedBy = async (...args: string[]) => {
    const record = write('loaded.txt', '');
    const { code } = await lstmPruner(args, { node: ['--import', hooks], env: { RECORD: record } });
    assert.equal(code, 0);
    return readFileSync(record, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as [string, boolean]);
  };
  const inspected = await loadedBy('inspect', model);
  assert.ok(inspected.some(([url]) => url.endsWith('/dist/cli.js')));
  assert.deepEqual(
    inspected.filter(([, tensorflow]) => tensorflow),
    [],
  );
  const evaluated = await loadedBy('evaluate', model, '--data', data);
  assert.equal(evaluated.filter(([, tensorflow]) => tensorflow).length > 0, true);
});
