import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import { parseRecipe, recipeText } from '../../../extension/protocol/recipeFile.ts';
import { renderMarkdown } from '../../../extension/report/markdown.ts';
import { finetunedReport, pruneReport } from '../../fixtures/pruneReport.ts';
import { chinese, english } from './translators.ts';

describe('the Markdown report', () => {
  const report = pruneReport();
  const page = renderMarkdown(report, english);
  const lines = page.split('\n');

  it('compares before and after in a table', () => {
    assert.ok(lines.includes('| Sparsity | 0.0% | 80.0% | +80.0 points |'));
    assert.ok(lines.includes('| Loss (binary crossentropy) | 0.0555 | 0.0721 | +29.9% |'));
  });

  it('has a section for every layer, and in it a row for every gate', () => {
    for (const { name, gates } of report.before.layers) {
      const heading = `## ${name.replaceAll(/[_<>]/g, '\\$&')}`;
      const from = lines.indexOf(heading);
      assert.notEqual(from, -1, heading);
      const rest = lines.slice(from + 1);
      const end = rest.findIndex((line) => line.startsWith('## '));
      const rows = rest.slice(0, end).filter((line) => /^\| [ifcozrh] \(/.test(line));
      assert.deepEqual(
        rows.map((row) => row[2]),
        Object.keys(gates),
      );
    }
    assert.ok(lines.includes('| i (input) | 0.0% → 84.8% | 0.0% → 75.2% | 0.0% → 0.0% |'));
  });

  it('keeps every table as wide as its head', () => {
    const cells = (line: string) => line.replaceAll('\\|', '').split('|').length;
    for (const [at, line] of lines.entries()) {
      if (line.startsWith('|') && lines[at - 1]?.startsWith('|')) {
        assert.equal(cells(line), cells(lines[at - 1]), line);
      }
    }
  });

  it('shows a path with backticks as it is', () => {
    const odd = pruneReport();
    odd.output = '/models/a`b.h5';
    assert.match(renderMarkdown(odd, english), /- Output: `` \/models\/a`b\.h5 ``/);
  });

  it('gives the recipe in words that a shell takes as they were meant', () => {
    const odd = pruneReport();
    const data = "/my data/it's $HOME; `x`.npz";
    odd.recipe = { sparsity: 0.5, gates: { i: 0.9, f: 0.8 }, compress: true, data, x: 'a,b' };
    const [, , recipe] = renderMarkdown(odd, english).match(/- Recipe: (`+) ?(.*?) ?\1\n/) ?? [];
    const words = execFileSync('sh', ['-c', `printf '%s\\n' ${recipe}`], { encoding: 'utf8' });
    assert.deepEqual(words.trimEnd().split('\n'), [
      ...['--sparsity', '0.5', '--gates', 'i=0.9,f=0.8', '--compress'],
      ...['--data', data, '--x', 'a,b'],
    ]);
  });

  it('holds the recipe as a file of it beside the report would', () => {
    const data = join(import.meta.dirname, 'data', 'a```b.npz');
    const recipe: Recipe = { data, sparsity: 0.5, targets: { lstm: 0.9 } };
    const beside = join(import.meta.dirname, 'report.md');
    const page = renderMarkdown({ ...report, recipe }, english, 'en', beside);
    const [, json] = page.match(/\n```json\n(.*\n)```\n$/s) ?? [];
    assert.equal(json, recipeText(recipe, beside));
    assert.deepEqual(parseRecipe(json, beside), recipe);
  });

  it('has a table of the epochs where it was fine-tuned, and three states', () => {
    const page = renderMarkdown(finetunedReport(), english);
    assert.match(page, /\| Loss \(binary crossentropy\) \| 0\.0555 \| 0\.0721 \| 0\.0561 \| \+1\.1% \|/);
    assert.match(page, /\n## Fine-tuning\n\n- Fine-tuning: 3 of 5 epochs, stopped early/);
    assert.match(page, /\n\| 2 \| 0\.0655 \| 0\.0598 \| 80\.0% \| 0\.0005 \| 1\.5 sec \|\n/);
  });

  it('says all of it in Chinese', async () => {
    const page = renderMarkdown(finetunedReport(), await chinese(), 'zh-cn');
    assert.doesNotMatch(page, /Epoch|Training|Optimizer|Sparsity|Before|After|Gate|Notes|weights|samples/);
    assert.match(page, /稀疏度/);
  });
});
