import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import * as descriptionTexts from '../../extension/protocol/descriptionTexts.ts';
import { labels } from '../../extension/protocol/labels.ts';
import { messages } from '../../extension/protocol/messages.ts';
import * as recipeTexts from '../../extension/protocol/recipeTexts.ts';
import { stageTexts } from '../../extension/protocol/stages.ts';

const root = join(import.meta.dirname, '..', '..');
type Bundle = Record<string, string>;

const readJson = async (file: string): Promise<Bundle> =>
  JSON.parse(await readFile(join(root, file), 'utf8'));

/** `l10n.t('…'`, `t("…"` and `translate('…'` with whatever stands first between the parentheses. */
const call =
  /(?<![\w.])(?:vscode\.l10n\.t|l10n\.t|t|translate)\(\s*('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`[^`]*`|[^\s'"`)][^\s,)]*)/g;

/** Sentences written in the sources, and the calls that pass something else than a literal. */
async function writtenInSources() {
  const sentences = new Set<string>();
  const indirect: string[] = [];
  for await (const file of glob('{extension,webview}/**/*.ts', { cwd: root })) {
    const source = (await readFile(join(root, file), 'utf8')).replace(/^\s*(\/\*\*?|\*|\/\/).*$/gm, '');
    for (const [, argument] of source.matchAll(call)) {
      if (/^['"]/.test(argument)) sentences.add(literal(argument));
      else indirect.push(`${file}: ${argument}`);
    }
  }
  return { sentences, indirect };
}

function literal(text: string): string {
  return JSON.parse(
    `"${text
      .slice(1, -1)
      .replaceAll("\\'", "'")
      .replace(/(?<!\\)"/g, '\\"')}"`,
  );
}

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([whole]) => whole).sort();

describe('translations', async () => {
  const english = await readJson('l10n/bundle.l10n.json');
  const chinese = await readJson('l10n/bundle.l10n.zh-cn.json');
  const { sentences, indirect } = await writtenInSources();
  const tables = [
    messages,
    labels,
    stageTexts,
    ...Object.values(recipeTexts),
    ...Object.values(descriptionTexts),
  ].flatMap((table) => Object.values(table));
  const said = new Set([...sentences, ...tables]);

  it('finds the sentences in the sources', () => {
    assert.ok(sentences.has('Prune LSTM'));
    assert.ok(sentences.size > 50, `only ${sentences.size} were found`);
  });

  it('pass through literals, or through the tables of protocol/', () => {
    const tableLookups = /: (messages\[message\.code\]|template|text|labels\[\w+\]|stageTexts\[\w+\])$/;
    assert.deepEqual(
      indirect.filter((use) => !tableLookups.test(use)),
      [],
    );
  });

  for (const [name, bundle] of Object.entries({ english, chinese })) {
    it(`hold every sentence in ${name}, and no other`, () => {
      assert.deepEqual(
        [...said].filter((sentence) => !(sentence in bundle)),
        [],
        'missing',
      );
      assert.deepEqual(
        Object.keys(bundle).filter((sentence) => !said.has(sentence)),
        [],
        'stale',
      );
      const keys = Object.keys(bundle);
      assert.deepEqual(keys, keys.toSorted(), 'sorted');
    });

    it(`keep the placeholders in ${name}`, () => {
      for (const [sentence, text] of Object.entries(bundle)) {
        assert.deepEqual(placeholders(text), placeholders(sentence), sentence);
      }
    });
  }

  it('say in English what the sources say', () => {
    for (const [sentence, text] of Object.entries(english)) assert.equal(text, sentence);
  });

  it('say in Chinese something else', () => {
    // Names of formulas and file kinds may stay as they are; a sentence may not.
    const same = Object.entries(chinese).filter(
      ([sentence, text]) => sentence === text && / [a-z]+ /.test(sentence),
    );
    assert.deepEqual(same, []);
  });
});

describe('the manifest', async () => {
  const manifest = await readFile(join(root, 'package.json'), 'utf8');
  const english = await readJson('package.nls.json');
  const chinese = await readJson('package.nls.zh-cn.json');
  const used = [...new Set([...manifest.matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key))].sort();

  it('has its titles in both languages, and no others', () => {
    assert.deepEqual(Object.keys(english).sort(), used);
    assert.deepEqual(Object.keys(chinese).sort(), used);
  });

  it('calls no command or view by a literal', () => {
    const { contributes } = JSON.parse(manifest) as { contributes: unknown };
    const titles: string[] = [];
    JSON.stringify(contributes, (key, value) => {
      if (['title', 'displayName', 'description', 'shortTitle'].includes(key) && typeof value === 'string')
        titles.push(value);
      return value;
    });
    assert.ok(titles.length > 0);
    assert.deepEqual(
      titles.filter((title) => !/^%.*%$/.test(title)),
      [],
    );
  });
});
