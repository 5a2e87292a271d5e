import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import type { PruneReport } from '../../../extension/protocol/report.ts';
import { type Place, placeOf, sha256 } from '../../support/jobContext.ts';
import { writeKerasH5 } from '../../support/kerasFile.ts';
import { floats, integers } from '../../support/npy.ts';
import { root } from '../../support/paths.ts';
import { randomFloats, seeded } from '../../support/random.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { smallDisk, withoutDisks } from '../../support/smallDisk.ts';
import { small, smallLegacy } from '../../support/smallModels.ts';
import { npzBytes } from '../../support/zip.ts';
import { assertFails, json, lstmPruner } from './command.ts';

const write = scratchFiles();
const { steps, inputs, hidden } = small;
const model = await writeKerasH5(write('model.h5', ''), smallLegacy());
const x = floats([20, steps, inputs], randomFloats(20 * steps * inputs, seeded(6)));
const y = integers(
  [20],
  Array.from({ length: 20 }, (_, i) => i % 2),
);
const data = write('data.npz', npzBytes({ x, y }));
const [xFile, yFile] = [write('x.npy', x), write('y.npy', y)];

async function inPlace(use: (place: Place) => Promise<void>): Promise<void> {
  const place = placeOf(model);
  try {
    await use(place);
  } finally {
    place.remove();
  }
}

const matrixKeys = ['size', 'zeros', 'sparsity', 'meanAbs', 'maxAbs'];
const inspectKeys = ['format', 'bytes', 'parameters', 'sparsity', 'layers'];

function assertKeys(value: unknown, ...keys: string[]): void {
  for (const key of keys) assert.ok(key in (value as object), `${key} is missing`);
}

/** The contract's shape of an inspection. */
function assertInspection(report: Record<string, unknown>): void {
  assertKeys(report, ...inspectKeys);
  const [layer] = report.layers as Record<string, unknown>[];
  assertKeys(layer, 'name', 'cell', 'direction', 'inputSize', 'hiddenSize', 'sparsity', 'gates');
  const gates = layer.gates as Record<string, Record<string, Record<string, unknown>>>;
  assert.deepEqual(Object.keys(gates), ['i', 'f', 'c', 'o']);
  for (const gate of Object.values(gates)) {
    for (const matrix of ['kernel', 'recurrent', 'bias']) assertKeys(gate[matrix], ...matrixKeys);
  }
}

test('inspect --json is one document in the shape of the contract', async () => {
  const report = await json(['inspect', model]);
  assertInspection(report);
  assert.equal(report.format, 'Keras 2.3.1 HDF5');
  assert.equal(report.sparsity, 0);
});

test('evaluate --json is one document in the shape of the contract', async () => {
  const report = await json(['evaluate', model, '--data', data]);
  assertKeys(report, 'loss', 'lossName', 'metrics', 'split', 'samples', 'seconds', 'engine');
  assert.equal(report.lossName, 'sparse_categorical_crossentropy');
  assert.equal(report.samples, 4);
});

test('prune --json is one document in the shape of the contract, and the file is there', async () => {
  await inPlace(async ({ model: path, folder }) => {
    const before = sha256(path);
    const report = await json(['prune', path, '--sparsity', '0.5', '--data', data]);
    assertKeys(report, 'output', 'recipe', 'before', 'pruned', 'after');
    for (const state of ['before', 'pruned', 'after']) {
      const one = report[state] as Record<string, unknown>;
      assertInspection(one);
      assertKeys(one, 'loss', 'lossName', 'metrics', 'reduction', 'sizes');
      assertKeys(one.sizes, 'file', 'gzip', 'nonzero', 'parameters');
    }
    assert.equal(report.output, join(folder, 'model.pruned.h5'));
    assert.equal((report.after as { sparsity: number }).sparsity, 0.5);
    assert.equal((report.recipe as { sparsity: number }).sparsity, 0.5);
    assert.equal(sha256(path), before);
    assert.equal((await json(['inspect', String(report.output)])).sparsity, 0.5);
  });
});

test('without --json there is a table for people', async () => {
  await inPlace(async ({ model: path }) => {
    for (const args of [
      ['inspect', path],
      ['evaluate', path, '--data', data],
      ['prune', path, '--sparsity', '0.5'],
    ]) {
      const { code, out, err } = await lstmPruner(args);
      assert.deepEqual([code, err], [0, '']);
      assert.ok(out.split('\n').length > 3);
      assert.throws(() => JSON.parse(out));
    }
  });
});

test('--help and no arguments show how it is used', async () => {
  const help = await lstmPruner(['--help']);
  assert.deepEqual([help.code, help.err], [0, '']);
  assert.match(help.out, /^Usage: lstm-pruner/);
  const none = await lstmPruner([]);
  assert.deepEqual([none.code, none.out], [2, '']);
  assert.equal(none.err, help.out);
});

test('the help tells the default of every scope', async () => {
  const { out } = await lstmPruner(['--help']);
  assert.match(out, /--scope SCOPE [^-]+Default: layer;\s+matrix for the threshold criterion/);
});

test('every flag that the help names is taken, and no other', async () => {
  const { out } = await lstmPruner(['--help']);
  const named = new Set([...out.matchAll(/--([a-z]+)/g)].map(([, flag]) => flag));
  const tried = new Set(
    [...takesEffect.flatMap(({ args }) => args), '--json', '--help', '--data']
      .filter((arg) => arg.startsWith('--'))
      .map((arg) => arg.slice(2)),
  );
  for (const flag of ['out', 'report', 'force', 'recipe', 'window', 'horizon', 'stride', 'scale'])
    tried.add(flag);
  assert.deepEqual([...named].sort(), [...tried].sort());
});

/** What a flag changes in the report. */
const takesEffect: { args: string[]; check(report: PruneReport): void }[] = [
  { args: ['--sparsity', '0.25'], check: ({ after }) => assert.equal(after.sparsity, 0.25) },
  {
    args: ['--criterion', 'threshold', '--k', '1'],
    check: ({ recipe, after }) => {
      assert.deepEqual([recipe.k, recipe.scope], [1, 'matrix']);
      assert.ok(after.sparsity > 0.3 && after.sparsity < 0.7);
    },
  },
  {
    args: ['--sparsity', '0.5', '--scope', 'gate', '--gates', 'i=0,f=1'],
    check: ({ after }) => {
      const { i, f, c } = after.layers[0].gates;
      const zeros = [i, f, c]
        .flatMap((gate) => gate ?? [])
        .map(({ kernel, recurrent }) => kernel.zeros + recurrent.zeros);
      assert.deepEqual(zeros, [0, hidden * (inputs + hidden), (hidden * (inputs + hidden)) / 2]);
    },
  },
  {
    args: ['--sparsity', '0.5', '--granularity', 'weight', '--schedule', 'oneshot'],
    check: ({ recipe }) => assert.deepEqual([recipe.granularity, recipe.schedule], ['weight', 'oneshot']),
  },
  {
    args: ['--sparsity', '0.5', '--seed', '7'],
    check: ({ recipe, after }) => {
      assert.equal(recipe.seed, 7);
      assert.ok((after.divergence?.value ?? 0) > 0);
    },
  },
  {
    args: ['--sparsity', '0.5', '--compress'],
    check: ({ recipe }) => assert.equal(recipe.compress, true),
  },
  {
    args: [
      '--sparsity',
      '0.5',
      '--x',
      xFile,
      '--y',
      yFile,
      '--split',
      'all',
      '--batch',
      '3',
      '--loss',
      'sparse_categorical_crossentropy',
    ],
    check: (report) => {
      assert.deepEqual([report.data?.split, report.data?.samples], ['all', 20]);
    },
  },
];
for (const { args, check } of takesEffect) {
  test(`prune ${args.filter((arg) => arg.startsWith('--')).join(' ')} takes effect`, async () => {
    await inPlace(async ({ model: path }) =>
      check((await json(['prune', path, ...args])) as unknown as PruneReport),
    );
  });
}

test('a .csv is cut by --window, --horizon, --stride and --scale', async () => {
  const config = {
    class_name: 'Sequential',
    config: {
      name: 's',
      layers: [
        {
          class_name: 'LSTM',
          config: {
            name: 'lstm',
            units: 1,
            use_bias: false,
            activation: 'tanh',
            recurrent_activation: 'sigmoid',
            batch_input_shape: [null, null, 1],
          },
        },
      ],
    },
  };
  const weights = [
    { name: 'k', shape: [1, 4], values: [1, 2, 3, 4] },
    { name: 'r', shape: [1, 4], values: [1, 2, 3, 4] },
  ];
  const series = await writeKerasH5(write('series.h5', ''), { config, layers: [{ name: 'lstm', weights }] });
  const csv = write('series.csv', `v\n${Array.from({ length: 50 }, (_, i) => Math.sin(i)).join('\n')}\n`);
  const cut = [
    '--data',
    csv,
    '--x',
    'v',
    '--y',
    'v',
    '--window',
    '4',
    '--horizon',
    '2',
    '--stride',
    '3',
    '--scale',
    'minmax',
    '--split',
    'all',
  ];
  const report = await json(['evaluate', series, ...cut]);
  // floor((50 − 4 − 2) / 3) + 1
  assert.equal(report.samples, 15);
  assert.ok((report.notes as { code: string }[]).some(({ code }) => code === 'noteScaled'));
});

test('--recipe gives the keys of a file, and flags win over them', async () => {
  await inPlace(async ({ model: path }) => {
    const recipe = write(
      'recipe.json',
      JSON.stringify({ sparsity: 0.25, scope: 'global', gates: { c: 0.5 } }),
    );
    const report = await json(['prune', path, '--recipe', recipe]);
    const used = report.recipe as Record<string, unknown>;
    assert.deepEqual([used.sparsity, used.scope, used.gates], [0.25, 'global', { c: 0.5 }]);
    const won = await json(['prune', path, '--recipe', recipe, '--scope', 'gate']);
    assert.deepEqual(
      [(won.recipe as { scope: string }).scope, (won.recipe as { sparsity: number }).sparsity],
      ['gate', 0.25],
    );
  });
});

test('the recipe of a report gives the same file again', async () => {
  await inPlace(async ({ model: path }) => {
    const first = await json(['prune', path, '--sparsity', '0.4', '--gates', 'o=0.1', '--scope', 'matrix']);
    const recipe = write('again.json', JSON.stringify(first.recipe));
    const second = await json(['prune', path, '--recipe', recipe]);
    assert.deepEqual(readFileSync(String(second.output)), readFileSync(String(first.output)));
  });
});

for (const [name, content, part] of [
  ['is no JSON', 'sparsity: 0.5', 'recipe'],
  ['is a list', '[]', 'object'],
  ['has an unknown key', '{"sparsty": 0.5}', 'sparsty'],
  ['has a value of another type', '{"sparsity": "0.5"}', 'sparsity'],
  ['has a batch of none', '{"sparsity": 0.5, "batch": 0}', 'batch is 0'],
  ['has half a sample in a batch', '{"sparsity": 0.5, "batch": 2.5}', 'batch is 2.5'],
  ['has an unknown split', '{"sparsity": 0.5, "split": "foo"}', 'train, val, test, all'],
  ['has no horizon', '{"sparsity": 0.5, "horizon": 0}', 'horizon is 0'],
  ['has targets of gates that are no list', '{"sparsity": 0.5, "gates": 0.5}', 'gates is 0.5'],
] as const) {
  test(`a recipe that ${name} is refused`, () =>
    assertFails(['prune', model, '--recipe', write('bad.json', content)], 2, 'bad.json', part));
}

test('--report writes a page, Markdown or JSON beside the result', async () => {
  await inPlace(async ({ model: path, folder }) => {
    for (const [suffix, start] of [
      ['.html', /^<!doctype html>/i],
      ['.md', /^#/],
      ['.json', /^\{/],
    ] as const) {
      const file = join(folder, `report${suffix}`);
      await json(['prune', path, '--sparsity', '0.5', '--report', file]);
      assert.match(readFileSync(file, 'utf8'), start);
      await assertFails(['prune', path, '--sparsity', '0.5', '--report', file], 1, basename(file), '--force');
      await json(['prune', path, '--sparsity', '0.5', '--report', file, '--force']);
    }
    const files = readdirSync(folder).length;
    await assertFails(
      ['prune', path, '--sparsity', '0.5', '--report', join(folder, 'report.pdf')],
      2,
      '.html, .md or .json',
    );
    assert.equal(readdirSync(folder).length, files);
  });
});

test('--out names the output; the original is refused, another file needs --force', async () => {
  await inPlace(async ({ model: path, folder, files }) => {
    const out = join(folder, 'small.h5');
    assert.equal((await json(['prune', path, '--sparsity', '0.5', '--out', out])).output, out);
    await assertFails(['prune', path, '--sparsity', '0.9', '--out', out], 1, 'small.h5', '--force');
    assert.equal((await json(['inspect', out])).sparsity, 0.5);
    await json(['prune', path, '--sparsity', '0.75', '--out', out, '--force']);
    assert.equal((await json(['inspect', out])).sparsity, 0.75);
    await assertFails(['prune', path, '--sparsity', '0.5', '--out', path, '--force'], 1, 'original');
    await assertFails(['prune', path, '--sparsity', '0.5', '--out', join(folder, 'a.keras')], 1, '.h5');
    assert.deepEqual(files(), ['model.h5', 'small.h5']);
  });
});

test('an output or a report that has no place is refused before any work, naming the folder', async () => {
  await inPlace(async ({ model: path, folder, files }) => {
    const missing = join(folder, 'none');
    const prune = ['prune', path, '--sparsity', '0.5'];
    await assertFails([...prune, '--report', join(missing, 'r.html')], 1, 'r.html', `no folder ${missing}`);
    await assertFails([...prune, '--out', join(missing, 'm.h5')], 1, 'm.h5', `no folder ${missing}`);
    for (const name of ['r.md', 'm.h5']) mkdirSync(join(folder, name));
    await assertFails([...prune, '--report', join(folder, 'r.md'), '--force'], 1, 'it is a folder');
    await assertFails([...prune, '--out', join(folder, 'm.h5'), '--force'], 1, 'it is a folder');
    assert.deepEqual(files(), ['m.h5', 'model.h5', 'r.md']);
  });
});

const skip = withoutDisks();
test('a full disk takes the report, not the result', { skip }, async () => {
  const disk = smallDisk(4);
  assert.ok(disk);
  try {
    await inPlace(async ({ model: path, files }) => {
      copyFileSync(write('page', Buffer.alloc(4096)), join(disk.folder, 'page'));
      const report = join(disk.folder, 'r.html');
      const { code, out, err } = await lstmPruner([
        ...['prune', path, '--sparsity', '0.5', '--json', '--report', report],
      ]);
      assert.equal(code, 1);
      assert.equal(JSON.parse(out).after.sparsity, 0.5);
      assert.match(
        err,
        /^The model was written to [^\n]*model\.pruned\.h5, but [^\n]*r\.html[^\n]*no space[^\n]*\n$/,
      );
      assert.deepEqual(files(), ['model.h5', 'model.pruned.h5']);
    });
  } finally {
    disk.remove();
  }
});

test('a read-only folder is found before the model is measured', { skip }, async () => {
  const disk = smallDisk(200);
  assert.ok(disk);
  try {
    const path = join(disk.folder, 'model.h5');
    copyFileSync(model, path);
    disk.makeReadOnly();
    const own = [path, '--sparsity', '0.5'];
    // Data that is not there would be missed next.
    await assertFails(
      ['prune', ...own, '--data', 'none.npz'],
      1,
      'model.pruned.h5',
      `${disk.folder} is read-only`,
    );
    const report = join(disk.folder, 'r.html');
    await assertFails(
      ['prune', model, ...own.slice(1), '--report', report],
      1,
      `${disk.folder} is read-only`,
    );
  } finally {
    disk.remove();
  }
});

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

test('inspecting loads no TensorFlow.js; evaluating does', async () => {
  const hooks = write(
    'record.mjs',
    `import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    // The bundler names the sources of what it bundles.
    const mentions = Buffer.from(loaded.source ?? '').includes('node_modules/@tensorflow/');
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
