import assert from 'node:assert/strict';
import { copyFileSync, cpSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import type { Message } from '../../../extension/protocol/messages.ts';
import { assertFails, json } from './command.ts';
import { commandFiles } from './commandFiles.ts';

const { write, model, data, inPlace } = await commandFiles();

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

test('flags take the place of what in the file does not go together with them', async () => {
  await inPlace(async ({ model: path }) => {
    const file = write('share.json', JSON.stringify({ sparsity: 0.25, granularity: 'bank', bank: 5 }));
    const pruned = async (...flags: string[]): Promise<Record<string, unknown>> => {
      const { recipe, notes } = await json(['prune', path, '--recipe', file, ...flags]);
      const fell = (notes as Message[]).find(({ code }) => code === 'noteRecipeKeysFell');
      return { ...(recipe as Record<string, unknown>), fell: fell?.args.keys };
    };
    const budget = await pruned('--max-parameters', '200');
    assert.deepEqual([budget.sparsity, budget.maxParameters, budget.bank], [undefined, 200, 5]);
    assert.deepEqual(budget.fell, ['sparsity']);
    const pattern = await pruned('--granularity', 'n:m');
    assert.deepEqual([pattern.sparsity, pattern.pattern, pattern.bank], [undefined, '2:4', undefined]);
    assert.deepEqual(pattern.fell, ['sparsity', 'bank']);
    assert.equal((await pruned('--sparsity', '0.5')).fell, undefined);
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

test('so does that of a fine-tuning, whatever is said of resuming', async () => {
  await inPlace(async ({ model: path }) => {
    const training = [
      '--epochs',
      '2',
      '--learning-rate',
      '0.01',
      '--patience',
      '2',
      '--seed',
      '3',
      '--no-resume',
    ];
    const first = await json(['prune', path, '--sparsity', '0.4', '--data', data, ...training]);
    const recipe = write('again.json', JSON.stringify(first.recipe));
    const second = await json(['prune', path, '--recipe', recipe]);
    assert.deepEqual(readFileSync(String(second.output)), readFileSync(String(first.output)));
    const other = await json(['prune', path, '--recipe', recipe, '--seed', '4', '--resume']);
    assert.equal((other.recipe as { resume: boolean }).resume, true);
    assert.notDeepEqual(readFileSync(String(other.output)), readFileSync(String(first.output)));
  });
});

test('--save-recipe writes the recipe that gives the same file again, wherever the folder of all is moved to', async () => {
  await inPlace(async ({ folder, model: path }) => {
    copyFileSync(data, join(folder, 'data.npz'));
    const settings = ['--sparsity', '0.4', '--scope', 'gate', '--epochs', '1', '--threads', '1'];
    const saved = join(folder, 'saved.lstmprune.json');
    const given = ['prune', path, '--data', join(folder, 'data.npz'), ...settings];
    const first = await json([...given, '--save-recipe', saved]);
    const moved = `${folder}-moved`;
    cpSync(folder, moved, { recursive: true });
    try {
      assert.equal(JSON.parse(readFileSync(saved, 'utf8')).data, 'data.npz');
      const second = await json(['prune', path, '--recipe', join(moved, basename(saved))]);
      assert.deepEqual(readFileSync(String(second.output)), readFileSync(String(first.output)));
      assert.equal((second.recipe as { data: string }).data, join(moved, 'data.npz'));
    } finally {
      rmSync(moved, { recursive: true });
    }
    await assertFails([...given, '--save-recipe', saved], 1, 'saved.lstmprune.json exists already');
    await json([...given, '--save-recipe', saved, '--force']);
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
