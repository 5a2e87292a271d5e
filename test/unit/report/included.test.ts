import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderHtml } from '../../../extension/report/html.ts';
import { renderMarkdown } from '../../../extension/report/markdown.ts';
import { pruneTable } from '../../../extension/report/terminal.ts';
import { includingReport, pruneReport } from '../../fixtures/pruneReport.ts';
import { chinese, english } from './translators.ts';

const title = 'Other weights that were pruned';

describe('what a recipe includes by name', () => {
  it('has its shares before and after in the HTML report', () => {
    const page = renderHtml(includingReport(), english);
    assert.ok(page.includes(`<h2>${title}</h2>`));
    const cells = ['4,000', '2.5%', '80.0%'].map((text) => `<td class="number">${text}</td>`).join('');
    assert.ok(page.includes(`<tr><th scope="row">dense &lt;1&gt;/kernel</th>${cells}</tr>`), page);
  });

  it('has them in the Markdown report', () => {
    const page = renderMarkdown(includingReport(), english);
    assert.ok(page.includes(`\n## ${title}\n\n| Name | Weights | Zero before | Zero now |\n`));
    assert.ok(page.includes('\n| dense \\<1\\>/kernel | 4,000 | 2.5% | 80.0% |\n'));
  });

  it('has them in the terminal', () => {
    const lines = pruneTable(includingReport(), english).split('\n');
    const from = lines.indexOf(title);
    assert.match(lines[from + 1], /^Name +Weights +Zero before +Zero now$/);
    assert.match(lines[from + 2], /^dense <1>\/kernel +4,000 +2\.5% +80\.0%$/);
  });

  it('is told in Chinese', async () => {
    const t = await chinese();
    for (const draw of [renderHtml, renderMarkdown, pruneTable]) {
      const text = draw(includingReport(), t, 'zh-cn');
      assert.ok(text.includes('dense') && !text.includes(title) && !text.includes('Zero now'));
    }
  });

  it('has no place where there is nothing', () => {
    for (const draw of [renderHtml, renderMarkdown, pruneTable])
      assert.ok(!draw(pruneReport(), english).includes(title));
  });
});
