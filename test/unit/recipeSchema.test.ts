import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import json, { type JSONSchema } from 'vscode-json-languageservice';
import { fill } from '../../extension/protocol/labels.ts';
import { checkRecipe, recipeKeys } from '../../extension/protocol/recipeChecks.ts';
import { recipeSchema } from '../../extension/protocol/recipeSchema.ts';
import { root } from '../support/paths.ts';
import { edges, goodRecipes, wrongRecipes, wrongValues } from '../support/recipeTable.ts';

// VS Code's own service: what it says here is what an editor shows.
const schema = recipeSchema(fill) as JSONSchema;
const service = json.getLanguageService({});

function documentOf(text: string) {
  const document = json.TextDocument.create('file:///a.lstmprune.json', 'json', 1, text);
  return [document, service.parseJSONDocument(document)] as const;
}

/** Each problem, with the text that it underlines. */
async function problemsOf(text: string): Promise<string[]> {
  const [document, parsed] = documentOf(text);
  const found = await service.doValidation(document, parsed, {}, schema);
  return found.map(({ range, message }) => `${document.getText(range)}: ${message}`);
}

/** Completes where the text has a bar. */
async function completed(text: string) {
  const at = text.indexOf('|');
  const [document, parsed] = documentOf(text.replace('|', ''));
  service.configure({ schemas: [{ uri: 'recipe', fileMatch: ['*.lstmprune.json'], schema }] });
  return (await service.doComplete(document, document.positionAt(at), parsed))?.items ?? [];
}

describe('the schema of recipe files', () => {
  it('has every key that a recipe has, with what it means', () => {
    const properties = schema.properties as Record<string, JSONSchema>;
    assert.deepEqual(Object.keys(properties).sort(), ['$schema', ...recipeKeys].sort());
    for (const key of recipeKeys) {
      const { description, enum: values, enumDescriptions } = properties[key];
      assert.ok(description, `${key} has no description`);
      if (enumDescriptions) assert.equal(enumDescriptions.length, values?.length, key);
    }
  });

  for (const recipe of goodRecipes) {
    it(`finds nothing wrong with ${JSON.stringify(recipe)}`, async () => {
      checkRecipe(recipe);
      assert.deepEqual(await problemsOf(JSON.stringify(recipe)), []);
    });
  }

  /** Alone a key may be out of place, which is said at the key; this is what is said of its value. */
  const problemsOfValue = async (key: string, value: unknown) => {
    const problems = await problemsOf(JSON.stringify({ [key]: value }));
    return problems.filter((problem) => !problem.startsWith(`"${key}": `));
  };

  it('finds nothing wrong with any value at the edge of what is allowed', async () => {
    const { shrink, control, ...rest } = edges;
    for (const [key, value] of Object.entries(rest))
      assert.deepEqual(await problemsOfValue(key, value), [], key);
  });

  /** What only checks can tell: that N must be below M. */
  const beyond: readonly unknown[] = ['0:4', '4:4', '5:4'];
  for (const [key, values] of Object.entries(wrongValues)) {
    it(`refuses every wrong value of ${key}`, async () => {
      for (const value of values.filter((one) => !beyond.includes(one)))
        assert.notDeepEqual(await problemsOfValue(key, value), [], JSON.stringify(value));
    });
  }

  for (const [recipe] of wrongRecipes) {
    it(`refuses ${JSON.stringify(recipe)}, as the checks do`, async () => {
      assert.throws(() => checkRecipe(recipe));
      assert.notDeepEqual(await problemsOf(JSON.stringify(recipe)), []);
    });
  }

  it('says where what is wrong, at the key', async () => {
    assert.deepEqual(await problemsOf('{"sparsity": 0.5, "block": "4x4"}'), [
      '"block": Only with granularity: block.',
    ]);
    assert.deepEqual(await problemsOf('{"sparsity": 0.5, "shrink": true}'), [
      'true: Only with granularity: unit.',
    ]);
    assert.deepEqual(await problemsOf('{"granularity": "n:m", "sparsity": 0.5}'), [
      '"sparsity": Not with granularity: n:m.',
    ]);
    assert.deepEqual(await problemsOf('{"sparsity": 0.5, "maxBytes": 9}'), [
      '"maxBytes": Give only one of sparsity, maxParameters, maxBytes, maxMultiplyAdds.',
    ]);
    assert.deepEqual(await problemsOf('{"sparsity": 0.5, "patience": 2}'), [
      '"patience": Without epochs nothing is trained, so this has no effect.',
    ]);
    assert.deepEqual(await problemsOf('{"sparsity": 0.5, "schedule": "rigl"}'), [
      '"rigl": Without epochs nothing is trained, so this has no effect.',
    ]);
    const rigl = '"sparsity": 0.5, "epochs": 1, "schedule": "rigl", "power": 2';
    assert.deepEqual(await problemsOf(`{${rigl}}`), ['"power": Only beside initialSparsity.']);
    assert.deepEqual(await problemsOf(`{${rigl}, "initialSparsity": 0.2}`), []);
    assert.deepEqual(await problemsOf('{"sparsty": 0.5}'), ['"sparsty": Property sparsty is not allowed.']);
    assert.deepEqual(await problemsOf('{"granularity": "unit", "scope": "matrix"}'), [
      '"matrix": Value is not accepted. Valid values: "layer", "global".',
    ]);
  });

  it('is named by the manifest in each language that it is built in', () => {
    for (const language of ['', '.zh-cn']) {
      const nls = JSON.parse(readFileSync(join(root, `package.nls${language}.json`), 'utf8'));
      const file = join(root, nls['schema.recipe']);
      assert.equal(basename(file), `recipe${language}.json`);
      assert.ok('criterion' in JSON.parse(readFileSync(file, 'utf8')).properties);
    }
  });

  it('lets a file name its schema, and leave out data that whoever uses it may add', async () => {
    assert.deepEqual(
      await problemsOf('{"$schema": "s.json", "sparsity": 0.5, "epochs": 3, "split": "val"}'),
      [],
    );
  });

  it('completes keys and values, with what they mean', async () => {
    const keys = await completed('{"sparsity": 0.5, |}');
    assert.deepEqual(
      keys.map(({ label }) => label).sort(),
      recipeKeys.filter((key) => key !== 'sparsity').toSorted(),
    );
    assert.match(
      String(keys.find(({ label }) => label === 'criterion')?.documentation),
      /What judges weights/,
    );
    const values = await completed('{"granularity": |}');
    const unit = values.find(({ label }) => label === '"unit"');
    assert.match(String(unit?.documentation), /Hidden units with all that they own/);
    const losses = await completed('{"loss": |}');
    assert.ok(losses.some(({ label }) => label === '"huber"'));
  });
});
