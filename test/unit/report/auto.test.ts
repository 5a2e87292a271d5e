import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { recipeText } from '../../../extension/protocol/recipeFile.ts';
import { renderAutoHtml } from '../../../extension/report/autoHtml.ts';
import { renderAutoMarkdown } from '../../../extension/report/autoMarkdown.ts';
import { autoTable } from '../../../extension/report/autoTerminal.ts';
import { displayWidth } from '../../../extension/report/textTable.ts';
import { autoReport } from '../../fixtures/autoReport.ts';
import { chinese, english } from './translators.ts';

const report = autoReport();

describe('the search report in a terminal', () => {
  const text = autoTable(report, english);
  const row = (name: string) => text.split('\n').find((line) => line.startsWith(`${name} `)) ?? '';

  it('begins with what was found', () => {
    assert.match(
      text,
      /^Trial 4 is the smallest within the budget: 76\.3% sparsity, 2,371 nonzero weights, /,
    );
    assert.match(text, /validation loss 0\.509 where 0\.51 is allowed and the unpruned model has 0\.5\.$/m);
  });

  it('has a line for the model as it is and for every trial', () => {
    assert.match(row('Unpruned'), /^Unpruned +0\.0% +10,000 +0\.5 +0\.51$/);
    assert.match(
      row('2'),
      /^2 +sensitivity +68\.4% +3,162 +0\.502 +\+0\.4% +0\.512 +within +yes +12\.0 sec$/,
    );
    assert.match(row('4'), /\+1\.8% +0\.519 +chosen +yes /);
    assert.match(row('5'), /\+3\.0% +0\.525 +beyond +yes /);
    assert.match(row('6'), /^6 +uniform .* beyond +12\.0 sec$/);
  });

  it('tells which trial failed, and why', () => {
    assert.match(row('3'), /– +– +– +failed /);
    assert.match(text, /^- Trial 3 failed: Fine-tuning stopped in epoch 2/m);
  });

  it('ends with why no more was tried, what decided, and where the output is', () => {
    assert.match(text, /^Search +6 trials, as many as were to be made$/m);
    assert.match(text, /^Validated on +last 10 % of the training part, 30 samples$/m);
    assert.match(text, /^Output +\/models\/weather\.pruned\.h5$/m);
  });

  it('is not wider than terminals are', () => {
    for (const line of text.split('\n').filter((line) => /^\d/.test(line)))
      assert.ok(displayWidth(line) <= 120, line);
  });
});

describe('the search report as a page', () => {
  const page = renderAutoHtml(report, english);

  it('needs nothing but itself, and escapes what comes from the file', () => {
    assert.doesNotMatch(page, /https?:|<script|<link|<img|url\(|@import|\son\w+=/i);
    assert.ok(page.includes('lstm_&lt;1&gt;') && !page.includes('<1>'));
  });

  it('draws every trial that came to something, the front as a line, the chosen one with a ring', () => {
    const [, figure] = page.split(/<\/?figure/);
    assert.equal(figure.match(/<title>Trial \d<\/title>/g)?.length, 5);
    assert.equal(figure.match(/<circle class="kept" cx="[^6]/g)?.length, 1);
    assert.equal(
      figure.match(/<path class="line validation" d="M[\d. ]+L[\d. ]+L[\d. ]+L[\d. ]+"/g)?.length,
      1,
    );
    assert.match(figure, /1,000 nonzero weights with a validation loss of 4\.5 to 3,162 nonzero weights/);
    assert.match(figure, /Losses above 0\.\d+ are drawn at the upper edge/);
  });

  it('gives settings and recipe in the words of the command line, and where the trials are', () => {
    assert.ok(page.includes('--data weather.npz --epochs 5 --max-loss-increase 2% --trials 6'));
    assert.ok(page.includes('<dd>/cache/abc.trials</dd>'));
    assert.match(page, /<dt>Recipe of the chosen trial<\/dt><dd>--data weather\.npz --epochs 5 --targets /);
  });
});

describe('the search report as Markdown', () => {
  const lines = renderAutoMarkdown(report, english).split('\n');

  it('has the table of trials, as wide as its head', () => {
    const rows = lines.filter((line) => line.startsWith('|'));
    assert.equal(rows.length, 2 + 1 + 6);
    const cells = (line: string) => line.split('|').length;
    for (const line of rows) assert.equal(cells(line), cells(rows[0]), line);
    assert.ok(lines.includes('- Output: `/models/weather.pruned.h5`'));
  });
});

it('the search report holds the recipe of the chosen trial as a file of it would', () => {
  const chosen = report.trials.find(({ id }) => id === report.best);
  const text = recipeText(chosen?.recipe ?? {}, report.output);
  assert.ok(renderAutoMarkdown(report, english).endsWith(`\`\`\`json\n${text}\`\`\`\n`));
  const escaped = text.replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  assert.ok(renderAutoHtml(report, english).includes(`<pre>${escaped}</pre>`));
});

it('the search report is in Chinese where the reader is', async () => {
  const t = await chinese();
  for (const draw of [autoTable, renderAutoMarkdown, renderAutoHtml]) {
    const text = draw(report, t, 'zh-cn');
    assert.match(text, /按敏感度/);
    assert.doesNotMatch(text, /Trial |uniform|within|beyond|Front/);
  }
});
