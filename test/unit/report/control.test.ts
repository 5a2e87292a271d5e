import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderHtml } from '../../../extension/report/html.ts';
import { renderMarkdown } from '../../../extension/report/markdown.ts';
import { pruneTable } from '../../../extension/report/terminal.ts';
import { controlledReport, finetunedReport } from '../../fixtures/pruneReport.ts';
import { chinese, english } from './translators.ts';

const title = 'Small dense model of the same size, trained from scratch';
const sentence = 'It had no trained weights to begin with';

describe('a small dense model beside the pruned one', () => {
  it('has its figures in the HTML report', () => {
    const page = renderHtml(controlledReport(), english);
    assert.ok(page.includes(`<h2>${title}</h2>`) && page.includes(sentence));
    const row = (name: string, ...cells: string[]) =>
      `<tr><th scope="row">${name}</th>${cells.map((text) => `<td class="number">${text}</td>`).join('')}</tr>`;
    for (const line of [
      row('Loss (binary crossentropy)', '0.0561', '0.1234'),
      row('Accuracy', '96.77%', '91.24%'),
      row('Nonzero weights', '15,651', '15,600'),
      row('Units of lstm_1', '100', '50'),
      row('Units of plain &lt;rnn&gt; &amp; &quot;co&quot;', '8', '4'),
      row('Epochs of training', '3', '4'),
      row('Time of training', '4.5 sec', '2.5 sec'),
    ])
      assert.ok(page.includes(line), line);
  });

  it('has them in the Markdown report', () => {
    const page = renderMarkdown(controlledReport(), english);
    assert.ok(page.includes(`\n## ${title}\n\n| Measure | Pruned model | Small dense model |\n`));
    assert.ok(page.includes('\n| Accuracy | 96.77% | 91.24% |\n'));
    assert.ok(page.includes(sentence));
  });

  it('has them in the terminal', () => {
    const lines = pruneTable(controlledReport(), english).split('\n');
    const from = lines.indexOf(title);
    assert.match(lines[from + 1], /^ +Pruned model +Small dense model$/);
    assert.match(lines[from + 3], /^Accuracy +96\.77% +91\.24%$/);
    assert.ok(lines.some((line) => line.includes(sentence)));
  });

  it('is told in Chinese', async () => {
    const t = await chinese();
    for (const draw of [renderHtml, renderMarkdown, pruneTable]) {
      const text = draw(controlledReport(), t, 'zh-cn');
      assert.ok(text.includes('小型稠密模型') && !text.includes(sentence));
    }
  });

  it('has no place where there is none', () => {
    for (const draw of [renderHtml, renderMarkdown, pruneTable])
      assert.ok(!draw(finetunedReport(), english).includes(title));
  });
});
