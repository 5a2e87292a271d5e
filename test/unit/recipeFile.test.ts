import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { parseRecipe, recipeText } from '../../extension/protocol/recipeFile.ts';
import { assertRefuses } from '../support/throwsCode.ts';

const folder = resolve('/project/recipes');
const file = join(folder, 'a.lstmprune.json');
const parsed = (recipe: object) => parseRecipe(JSON.stringify(recipe), file);
const written = (recipe: object) => JSON.parse(recipeText(recipe, file));

describe('a recipe file', () => {
  it('may name its schema, which is no part of the recipe', () => {
    assert.deepEqual(parsed({ $schema: './recipe.json', sparsity: 0.5 }), { sparsity: 0.5 });
  });

  it('has paths that begin at its folder', () => {
    assert.equal(parsed({ data: '../data/d.npz' }).data, resolve('/project/data/d.npz'));
    assert.equal(parsed({ data: resolve('/elsewhere/d.npz') }).data, resolve('/elsewhere/d.npz'));
    const { x, y } = parsed({ x: 'a.npy, sub/b.NPY', y: 'y.npy' });
    assert.deepEqual(
      [x, y],
      [`${join(folder, 'a.npy')},${join(folder, 'sub', 'b.NPY')}`, join(folder, 'y.npy')],
    );
  });

  it('has names of arrays and columns as they are', () => {
    const named = { data: join(folder, 'd.csv'), x: 'a.npy,1', y: 'y' };
    assert.deepEqual(parsed(named), named);
    assert.deepEqual(parsed({ x: 'inputs', y: 'labels' }), { x: 'inputs', y: 'labels' });
  });

  it('is written with paths from its folder on, and read as it was', () => {
    const recipe = { sparsity: 0.5, data: resolve('/project/data/d.npz'), x: 'x_train' };
    assert.deepEqual(written(recipe), { ...recipe, data: '../data/d.npz' });
    assert.deepEqual(parseRecipe(recipeText(recipe, file), file), recipe);
    const arrays = { x: resolve('/project/x.npy'), y: join(folder, 'y.npy') };
    assert.deepEqual(written(arrays), { x: '../x.npy', y: 'y.npy' });
    assert.equal(written({ data: 'here.npz' }).data, resolve('here.npz').replace(resolve('/'), '../../'));
  });

  it('is refused with the key that is wrong in it', async () => {
    await assertRefuses(() => parsed({ sparsty: 0.5 }), 'recipeInvalid', 'a.lstmprune.json', 'sparsty');
    await assertRefuses(() => parsed({ k: '1' }), 'recipeInvalid', 'k is "1"');
    await assertRefuses(() => parsed({ gates: { i: 2 } }), 'recipeInvalid', 'gates i is 2');
    await assertRefuses(() => parseRecipe('[]', file), 'recipeInvalid', 'no JSON object');
    await assertRefuses(() => parseRecipe('sparsity: 1', file), 'recipeInvalid', 'not valid JSON');
  });
});
