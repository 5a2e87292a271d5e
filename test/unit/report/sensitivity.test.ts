import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderSensitivityHtml } from '../../../extension/report/sensitivityHtml.ts';
import { renderSensitivityMarkdown } from '../../../extension/report/sensitivityMarkdown.ts';
import { sensitivityTable } from '../../../extension/report/sensitivityTerminal.ts';
import { sensitivityReport } from '../../fixtures/sensitivityReport.ts';
import { chinese, english } from './translators.ts';

const report = sensitivityReport();
const lineWith = (text: string, part: string) => text.split('\n').find((line) => line.includes(part)) ?? '';

describe('the sensitivity report in a terminal', () => {
  const text = sensitivityTable(report, english);

  it('ranks single parts, each with how far it is free, its area, its curve and the rise at each level', () => {
    const order = ['kernel/h', 'kernel/r', 'kernel/z', 'dense/kernel'].map((name) => text.indexOf(name));
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
    assert.match(lineWith(text, 'gru_<1>/kernel/h'), /60 +0\.0% +0\.245 +▁▂▇ +\+20\.0% +\+200\.0%$/);
    assert.match(lineWith(text, 'gru_<1>/kernel/r'), /60 +50\.0% +\S+ +▁▁▁ +\+0\.6% +\+2\.0%$/);
    assert.match(lineWith(text, 'dense/kernel'), /40 +90\.0% +-\S+ +▁▁▁ +-2\.0% +-4\.0%$/);
  });

  it('says where a loss is not finite, and ranks it first', () => {
    const lost = sensitivityReport();
    const { points } = lost.curves[1];
    Object.assign(lost.curves[1], {
      area: null,
      points: [...points.slice(0, 2), { sparsity: 0.9, loss: null }],
    });
    const drawn = sensitivityTable(lost, english);
    assert.match(lineWith(drawn, 'kernel/r'), /60 +50\.0% +not finite +▁▁× +\+0\.6% +not finite$/);
    assert.ok(drawn.indexOf('kernel/r') < drawn.indexOf('kernel/h'));
    const cells = '| 60 | 50.0% | not finite | ▁▁× | +0.6% | not finite |';
    assert.ok(renderSensitivityMarkdown(lost, english).includes(cells));
    const page = renderSensitivityHtml(lost, english);
    assert.ok(page.includes('At 90.0% sparsity: z 0.502, r not finite, h 1.5.'));
    assert.equal(page.split('>not finite<').length, 3);
  });

  it('tells whole matrices and layers apart from them', () => {
    const whole = text.indexOf('Whole matrices and layers');
    assert.ok(text.indexOf('180') > whole && whole > text.indexOf('dense/kernel'));
  });

  it('tells what the data says of units and gates', () => {
    assert.match(text, /Units that are silent at every step \(\|h\| < 0\.01\): 3, 7/);
    assert.match(lineWith(text, 'z (update)'), /12\.5% +50\.0% +2, 4 +2 \(0\.988\)$/);
    assert.match(lineWith(text, 'h (candidate)'), /^h \(candidate\) +3 \(0\.00\), 7 \(0\.00100\)$/);
  });

  it('lists the first of many units', () => {
    const many = sensitivityReport();
    many.findings.layers[0].deadUnits = Array.from({ length: 300 }, (_, i) => i);
    assert.match(sensitivityTable(many, english), /: 0, 1, .* 11, … \(300\)$/m);
  });

  it('ends with notes, data, engine and time', () => {
    assert.match(text, /last 20 % of its samples \(64\) are reported/);
    assert.match(
      text,
      /Data +weather\.npz, test part, 64 samples\nEngine +WebAssembly, 2 threads\nTime +12\.0 sec$/,
    );
  });

  it('tells the losses themselves where there was none', () => {
    const perfect = { ...sensitivityReport(), baseline: 0 };
    assert.match(lineWith(sensitivityTable(perfect, english), 'kernel/h'), /0\.6 +1\.5$/);
  });
});

describe('the sensitivity report as a page', () => {
  const page = renderSensitivityHtml(report, english);

  it('needs nothing but itself, and escapes what comes from the file', () => {
    assert.doesNotMatch(page, /https?:|<script|<link|<img|url\(|@import|\son\w+=/i);
    assert.ok(page.includes('gru_&lt;1&gt;') && !page.includes('<1>'));
  });

  it('draws a curve for each gate of a matrix, with what it shows in words', () => {
    const figures = page.split('<figure').slice(1);
    assert.equal(figures.length, 2);
    assert.equal(figures[0].match(/<path class="line series-\d" d="M[\d. ]+L[\d. ]+L/g)?.length, 3);
    assert.match(figures[0], /<desc>At 90\.0% sparsity: z 0\.502, r 0\.51, h 1\.5\.<\/desc>/);
    assert.match(figures[0], /Loss by sparsity: Input kernel of gru_/);
    assert.match(figures[1], /Loss by sparsity: kernel of dense/);
  });

  it('gives the settings in the words of the command line', () => {
    assert.ok(
      page.includes(
        '--data weather.npz --include dense --levels 0.5,0.9 --criterion magnitude --granularity weight',
      ),
    );
  });
});

describe('the sensitivity report as Markdown', () => {
  const lines = renderSensitivityMarkdown(report, english).split('\n');

  it('has the tables, as wide as their heads', () => {
    assert.ok(lines.includes('| gru\\_\\<1\\>/kernel/h | 60 | 0.0% | 0.245 | ▁▂▇ | +20.0% | +200.0% |'));
    assert.ok(lines.includes('| z (update) | 12.5% | 50.0% | 2, 4 | 2 (0.988) |'));
    const cells = (line: string) => line.split('|').length;
    for (const [at, line] of lines.entries())
      if (line.startsWith('|') && lines[at - 1]?.startsWith('|'))
        assert.equal(cells(line), cells(lines[at - 1]));
  });
});

it('the sensitivity report is in Chinese where the reader is', async () => {
  const t = await chinese();
  const pages = [sensitivityTable, renderSensitivityMarkdown, renderSensitivityHtml].map((draw) =>
    draw(report, t, 'zh-cn'),
  );
  for (const page of pages) {
    assert.match(page, /无损上限/);
    assert.doesNotMatch(page, /Whole matrices|Constant|Free up to/);
  }
});
