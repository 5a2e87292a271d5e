import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import json, { type JSONSchema } from 'vscode-json-languageservice';
import { descriptionSchema } from '../../extension/protocol/descriptionSchema.ts';
import { fill } from '../../extension/protocol/labels.ts';
import { goodDescriptions, wrongDescriptions } from '../support/descriptionTable.ts';
import { root } from '../support/paths.ts';

// VS Code's own service: what it says here is what an editor shows.
const schema = descriptionSchema(fill) as JSONSchema;
const service = json.getLanguageService({});

function documentOf(text: string) {
  const document = json.TextDocument.create('file:///m.lstmprune-model.json', 'json', 1, text);
  return [document, service.parseJSONDocument(document)] as const;
}

async function problemsOf(text: string): Promise<string[]> {
  const [document, parsed] = documentOf(text);
  const found = await service.doValidation(document, parsed, {}, schema);
  return found.map(({ message }) => String(message));
}

describe('the schema of descriptions', () => {
  for (const description of goodDescriptions) {
    const text = JSON.stringify(description);
    test(`finds nothing wrong with ${text}`, async () => assert.deepEqual(await problemsOf(text), []));
  }

  for (const [description] of wrongDescriptions) {
    const text = typeof description === 'string' ? description : JSON.stringify(description);
    test(`refuses ${text}, as the reader does`, async () => assert.notDeepEqual(await problemsOf(text), []));
  }

  test('completes layers and what may be done to steps', async () => {
    const text = '{"layers": [|]}';
    const [document, parsed] = documentOf(text.replace('|', ''));
    service.configure({ schemas: [{ uri: 'description', fileMatch: ['*.lstmprune-model.json'], schema }] });
    const found = await service.doComplete(document, document.positionAt(text.indexOf('|')), parsed);
    const labels = found?.items.map(({ label }) => label) ?? [];
    for (const label of ['"last"', '"final"', '"relu"']) assert.ok(labels.includes(label), labels.join(' '));
    const inside = '{"layers": [{|}]}';
    const [other, tree] = documentOf(inside.replace('|', ''));
    const keys = await service.doComplete(other, other.positionAt(inside.indexOf('|')), tree);
    for (const key of ['embedding', 'lstm', 'linear', 'leakyRelu'])
      assert.ok(
        keys?.items.some(({ label }) => label === key),
        key,
      );
  });

  test('is named by the manifest in each language that it is built in', () => {
    for (const language of ['', '.zh-cn']) {
      const nls = JSON.parse(readFileSync(join(root, `package.nls${language}.json`), 'utf8'));
      const file = JSON.parse(readFileSync(join(root, nls['schema.description']), 'utf8'));
      assert.ok('layers' in file.properties);
    }
  });
});
