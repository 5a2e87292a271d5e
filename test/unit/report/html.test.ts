import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import { recipeText } from '../../../extension/protocol/recipeFile.ts';
import { renderHtml } from '../../../extension/report/html.ts';
import { finetunedReport, pruneReport } from '../../fixtures/pruneReport.ts';
import { chinese, english } from './translators.ts';

/** What a reader sees: the page without its tags and style. */
const visible = (page: string) =>
  page
    .replaceAll(/<style>[\s\S]*?<\/style>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');

describe('the HTML report', () => {
  const report = pruneReport();
  const page = renderHtml(report, english);
  const text = visible(page);

  it('needs nothing but itself', () => {
    assert.doesNotMatch(page, /https?:|\/\/[a-z]|<script|<link|<img|<iframe|url\(|@import|\son\w+=/i);
    assert.match(page, /default-src 'none'/);
  });

  it('shows sparsity, loss, metrics and sizes before and after, and how they changed', () => {
    assert.match(text, /Sparsity 0\.0% 80\.0% \+80\.0 points/);
    assert.match(text, /Loss \(binary crossentropy\) 0\.0555 0\.0721 \+29\.9%/);
    assert.match(text, /Accuracy 97\.85% 96\.77% -1\.08 points/);
    assert.match(text, /File size 985\.4 kB 985\.4 kB 0\.0%/);
    assert.match(text, /Size with gzip 912 kB 432 kB -52\.6%/);
    assert.match(text, /Nonzero weights 74,051 15,651 -78\.9%/);
  });

  it('shows every layer with each of its gates in both matrices', () => {
    const sections = page.split('<section>').slice(1).map(visible);
    assert.equal(sections.length, report.before.layers.length);
    for (const [at, layer] of report.before.layers.entries()) {
      for (const gate of Object.keys(layer.gates)) assert.match(sections[at], new RegExp(` ${gate} \\w`));
      const cells = sections[at].match(/\d% → \d+\.\d% [\d,]+ weights/g) ?? [];
      assert.equal(cells.length, Object.keys(layer.gates).length * 2);
    }
    assert.match(sections[0], / i input 0\.0% → 84\.8% 2,500 weights .* 0\.0% → 75\.2% 10,000 weights/);
  });

  it('draws the shares as bars of the same lengths', () => {
    const [first] = page.match(/class="share-now" width="[\d.]+" height="8"/) ?? [];
    assert.equal(first, 'class="share-now" width="84.8" height="8"');
  });

  it('holds the recipe as a file of it beside the report would', () => {
    const beside = join(import.meta.dirname, 'report.html');
    const data = join(import.meta.dirname, 'data', 'a & b.npz');
    const recipe: Recipe = { data, sparsity: 0.5, gates: { i: 0.9 } };
    const [, json] =
      renderHtml({ ...report, recipe }, english, 'en', beside).match(/<pre>([^<]*)<\/pre>/) ?? [];
    const text = json.replaceAll('&quot;', '"').replaceAll('&amp;', '&');
    assert.equal(text, recipeText(recipe, beside));
    assert.equal(JSON.parse(text).data, 'data/a & b.npz');
  });

  it('escapes what comes from the file', () => {
    assert.ok(page.includes('plain &lt;rnn&gt; &amp; &quot;co&quot;'));
    assert.ok(!page.includes('<rnn>'));
  });

  it('ends with the notes, the recipe and where the output is', () => {
    assert.match(text, /Unstructured sparsity below about 80 % brings no speed-up/);
    assert.match(text, /--criterion magnitude --sparsity 0\.8 --scope layer --gates i=0\.9,f=0\.85/);
    assert.match(text, /windows\.npz, test part, 93 samples/);
    assert.match(text, /failure\.pruned\.h5/);
  });

  it('compares three states where training came after the pruning', () => {
    assert.match(
      visible(renderHtml(finetunedReport(), english)),
      /Loss \(binary crossentropy\) 0\.0555 0\.0721 0\.0561 \+1\.1%/,
    );
  });

  it('tells how it was fine-tuned, with the losses as a curve, in words and in a table', () => {
    const page = renderHtml(finetunedReport(), english);
    const text = visible(page);
    assert.match(
      text,
      /3 of 5 epochs, stopped early: the validation loss stopped falling, weights of epoch 2, resumed after/,
    );
    assert.match(text, /Optimizer RMSprop, learning rate 0\.001/);
    assert.match(text, /Validated on last 10 % of the training part, 200 samples/);
    assert.match(
      text,
      /Epoch Training loss Validation loss Sparsity Learning rate Time 1 0\.081 0\.0712 80\.0% 0\.001 1\.5 sec 2 /,
    );
    assert.match(
      page,
      /<svg role="img" aria-label="Training and validation loss by epoch"[^>]*>\s*<desc>Training loss from 0\.081 to 0\.0601, validation loss from 0\.0712 to 0\.0604, lowest in epoch 2\.</,
    );
    const lines = [...page.matchAll(/<path class="line (training|validation)" d="(M[^"]+L[^"]+)"/g)];
    assert.deepEqual(
      lines.map(([, series, path]) => [series, path.split(/[ML]/).length - 1]),
      [
        ['training', 3],
        ['validation', 3],
      ],
    );
    assert.match(text, /--epochs 5 --learning-rate 0\.001 --patience 1 --no-resume/);
  });

  it('says in words where no epoch improved on the pruned weights', () => {
    const report = finetunedReport();
    Object.assign(report.finetune ?? {}, { validationLossBefore: 0.0501, best: 0, kept: 0 });
    const page = renderHtml(report, english);
    assert.match(
      page,
      /<desc>[^<]*, validation loss from 0\.0712 to 0\.0604, never below the 0\.0501 of the pr/,
    );
    assert.doesNotMatch(page, /epoch 0/);
  });

  it('draws no curve where training was ended before the first epoch', () => {
    const report = finetunedReport();
    Object.assign(report.finetune ?? {}, { epochs: [], best: 0, kept: 0, stopped: 'cancelled' });
    const page = renderHtml(report, english);
    assert.doesNotMatch(page, /role="img"/);
    assert.match(visible(page), /0 of 5 epochs, stopped by hand, the pruned weights, untrained/);
  });

  it('says no loss where none was measured', () => {
    const blind = pruneReport();
    for (const state of [blind.before, blind.pruned, blind.after]) {
      delete state.loss;
      delete state.lossName;
      delete state.metrics;
    }
    blind.pruned.divergence = { value: 0.0123, kind: 'kl', samples: 64, steps: 32 };
    blind.after.divergence = blind.pruned.divergence;
    const text = visible(renderHtml(blind, english));
    assert.doesNotMatch(text, /Loss|Accuracy/);
    assert.match(text, /Divergence from the original \(KL\) not measured 0\.0123/);
  });

  it('speaks Chinese throughout', async () => {
    const page = renderHtml(finetunedReport(), await chinese(), 'zh-cn');
    assert.match(page, /<html lang="zh-cn">/);
    // JSON is in no language.
    const text = visible(page.replace(/<pre>[^<]*<\/pre>/, ''));
    assert.doesNotMatch(text, /, /, 'a list is joined as in English');
    // What remains in Latin letters comes from the file, the recipe and the units.
    const words = text.match(/[A-Za-z]{3,}/g) ?? [];
    const own =
      /^(failure|pruned|Keras|HDF|binary|crossentropy|gzip|lstm|LSTM|GRU|RNN|rnn|plain|quot|amp|bidirectional|backward|models|engines|criterion|magnitude|sparsity|scope|layer|gates|data|windows|npz|tensorflow|cpu|RMSprop|epochs|learning|rate|patience|resume|NAME|lstmprune|json)$/;
    assert.deepEqual(
      words.filter((word) => !own.test(word)),
      [],
    );
  });
});
