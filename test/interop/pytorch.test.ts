// Files of every kind that PyTorch writes, pruned, and judged by PyTorch.
import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openModel } from '../../extension/formats/open.ts';
import { prune } from '../../extension/jobs/prune.ts';
import { recordedContext } from '../support/jobContext.ts';
import { readEntries } from '../unit/formats/zipEntries.ts';
import { runPython, scratchFolder } from './environment.ts';

interface Made {
  readonly file: string;
  /** How PyTorch opens it. */
  readonly load: 'weights' | 'legacy' | 'module' | 'script';
}

const { folder, remove } = await scratchFolder();
after(remove);
const made = JSON.parse(await runPython('makeTorch.py', [folder])) as Made[];
const sparsity = 0.8;

// All is written and judged before the first test is declared: the runner ends a file when its tests have run.
const jobs = made.map(({ file, load }) => ({
  load,
  sparsity,
  original: join(folder, file),
  pruned: join(folder, `pruned-${file}`),
}));
for (const { original, pruned } of jobs)
  await prune({ path: original, recipe: { sparsity, scope: 'layer' }, output: pruned }, recordedContext());
const answers = await judged('judgeTorch.py', jobs);

/** Files of a Tagger, and with which options it was made. */
const shrinking: Readonly<Record<string, object>> = {
  'state.pt': {},
  'state.pth': { cell: 'GRU', bidirectional: true },
  'projection.pt': { proj_size: 9, bidirectional: true },
  'flat.pt': {},
  'transposed.pt': {},
  'parallel.pt': {},
  'checkpoint.pt': {},
  'groups-decay.pt': {},
  'groups-each.pt': {},
  'groups-backwards.pt': {},
  'groups-frozen.pt': {},
  'groups-frozenDecay.pt': {},
  'groups-frozenEnds.pt': {},
  'optimizers.pt': {},
  'legacy.pt': {},
  'legacyCheckpoint.pt': {},
  'legacyFlat.pt': {},
};
const shrunk = Object.entries(shrinking).map(([file, options]) => ({
  file,
  options,
  original: join(folder, file),
  load: file.startsWith('legacy') ? 'legacy' : 'weights',
  pruned: join(folder, `units-${file}`),
  shrunk: join(folder, `shrunk-${file}`),
}));
for (const { original, pruned, shrunk: small } of shrunk) {
  const recipe = { sparsity: 0.5, granularity: 'unit' } as const;
  await prune({ path: original, recipe, output: pruned }, recordedContext());
  await prune({ path: original, recipe: { ...recipe, shrink: true }, output: small }, recordedContext());
}
const shrunkAnswers = await judged('judgeTorchShrunk.py', shrunk);

async function judged(script: string, asked: readonly object[]): Promise<string[][]> {
  const list = join(folder, 'jobs.json');
  await writeFile(list, JSON.stringify(asked));
  return JSON.parse(await runPython(script, [list])) as string[][];
}

describe('PyTorch finds what was pruned, and nothing else changed, in', () => {
  for (const [i, { file }] of made.entries()) test(file, () => assert.deepEqual(answers[i], []));
});

describe('PyTorch computes the same with fewer units in', () => {
  for (const [i, { file }] of shrunk.entries()) test(file, () => assert.deepEqual(shrunkAnswers[i], []));
});

describe('a file of PyTorch that did not change is saved byte by byte:', () => {
  for (const { file } of made)
    test(file, async () => {
      const path = join(folder, file);
      const model = await openModel(path);
      const out = join(folder, `same-${file}`);
      await model.save(out, { compress: false }).finally(() => model.close());
      assert.ok((await readFile(out)).equals(await readFile(path)));
    });
});

describe('the length, and every entry but the weights, stay in', () => {
  for (const { original, pruned, load } of jobs)
    test(basename(original), async () => {
      assert.equal((await stat(pruned)).size, (await stat(original)).size);
      if (load === 'legacy' || original.includes('legacy')) return;
      const others = async (path: string) =>
        (await readEntries(path)).filter(({ name }) => !/^[^/]+\/data\//.test(name));
      assert.deepEqual(await others(pruned), await others(original));
    });
});
