import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { splitSuffix } from '../../extension/formats/open.ts';
import { modelEndings } from '../../extension/protocol/modelEndings.ts';

interface Manifest {
  contributes: {
    menus: Record<string, { command: string; when: string }[]>;
    customEditors: { selector: { filenamePattern: string }[] }[];
  };
}
const { contributes } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as Manifest;

describe('model files by their names', () => {
  it('are those that a format opens', () => {
    for (const ending of modelEndings) assert.ok(splitSuffix(`folder/name${ending}`).suffix, ending);
  });

  it('have every command of the menus, and nothing else has', () => {
    const conditions = Object.values(contributes.menus)
      .flat()
      .flatMap(({ when }) => [...when.matchAll(/resourceFilename =~ \/(\S*keras\S*)\/i/g)])
      .map(([, pattern]) => new RegExp(pattern, 'i'));
    assert.equal(conditions.length, 13);
    for (const condition of conditions) {
      for (const ending of modelEndings) {
        assert.match(`my${ending}`, condition);
        assert.match(`MY${ending.toUpperCase()}`, condition);
        assert.doesNotMatch(`my${ending}.txt`, condition);
      }
      for (const name of [
        'package.json',
        'other.pb',
        'apt',
        'index.json',
        'keras',
        'my.lstmprune-model.json',
      ])
        assert.doesNotMatch(name, condition);
    }
  });

  it('can be opened in the editor of gates', () => {
    const patterns = contributes.customEditors
      .flatMap(({ selector }) => selector)
      .map((one) => one.filenamePattern);
    const expected = modelEndings.map((ending) => (ending === 'saved_model.pb' ? ending : `*${ending}`));
    assert.deepEqual(patterns.sort(), expected.sort());
  });
});
