import {
  type Cell,
  describeLayer,
  type LayerRows,
  layerRows,
  matrices,
  matrixShape,
  projectionText,
} from '../protocol/comparison.ts';
import { controlTable } from '../protocol/controlTable.ts';
import { epochColumns, epochRows, finetuneFacts } from '../protocol/finetuneFacts.ts';
import { includedTable } from '../protocol/includedTable.ts';
import { gateLabels, listOf, type Say } from '../protocol/labels.ts';
import { measuresOf, measureTable } from '../protocol/measures.ts';
import { type Numbers, numbersFor } from '../protocol/numbers.ts';
import type { Recipe } from '../protocol/recipe.ts';
import type { FinetuneReport, PruneReport } from '../protocol/report.ts';
import { sayWith, type Translate, word } from '../protocol/wording.ts';
import { type Html, html } from './escape.ts';
import { factList, htmlPage, notes } from './htmlPage.ts';
import { lossCurve } from './lossCurve.ts';
import { recipeDetails } from './recipeFile.ts';
import { pruneFacts, titleOf } from './text.ts';

/**
 * The report as one HTML page that needs nothing else: no script, no image, no network.
 * @param path where it will be; paths in its recipe begin there
 */
export function renderHtml(
  report: PruneReport,
  t: Translate,
  locale = 'en',
  path: string = report.output,
): string {
  const say = sayWith(t);
  const numbers = numbersFor(locale);
  const title = titleOf(report, say);
  const layers = layerRows(report.before, report.after);
  const body = html`<p class="muted">${report.after.format}</p>
${measures(report, say, numbers)}
${report.finetune ? finetuneSection(report.finetune, report.recipe, say, numbers) : undefined}
${controlSection(report, say, numbers)}
${legend(say)}
${layers.map((layer) => layerSection(layer, say, numbers))}
${includedSection(report, say, numbers)}
${notes(
  report.notes.map((note) => word(note, t, locale)),
  say,
)}
<h2>${say('result')}</h2>
${factList(pruneFacts(report, say, numbers), say)}
${recipeDetails(report.recipe, path, say)}`;
  return htmlPage(title, body, locale);
}

function measures(report: PruneReport, say: Say, numbers: Numbers): Html {
  const { head, rows } = measureTable(measuresOf(report), say, numbers);
  return figures(
    head.map((label) => say(label)),
    rows,
  );
}

/** A table of numbers, the first column saying of what. */
function figures([first, ...heads]: readonly string[], rows: readonly (readonly string[])[]): Html {
  return html`<div class="scroll"><table class="measures">
<thead><tr><th scope="col">${first}</th>${heads.map(
    (text) => html`<th scope="col" class="number">${text}</th>`,
  )}</tr></thead>
<tbody>${rows.map(
    ([name, ...values]) => html`<tr><th scope="row">${name}</th>${values.map(
      (text) => html`<td class="number">${text}</td>`,
    )}</tr>
`,
  )}</tbody>
</table></div>`;
}

/** What was trained, the curve of its losses, and the same as a table that opens. */
function finetuneSection(finetune: FinetuneReport, recipe: Recipe, say: Say, numbers: Numbers): Html {
  const trained = finetune.epochs.length > 0;
  const head = epochColumns.map((label) => html`<th scope="col" class="number">${say(label)}</th>`);
  const rows = epochRows(finetune, numbers).map(
    ([epoch, ...cells]) => html`<tr><th scope="row" class="number">${epoch}</th>${cells.map(
      (cell) => html`<td class="number">${cell}</td>`,
    )}</tr>
`,
  );
  return html`<section class="finetune">
<h2>${say('finetuning')}</h2>
${factList(finetuneFacts(finetune, recipe, say, numbers), say)}
${trained ? lossCurve(finetune, say, numbers) : undefined}${
  trained
    ? html`<details><summary>${say('epochByEpoch')}</summary>
<div class="scroll"><table class="epochs">
<thead><tr>${head}</tr></thead>
<tbody>${rows}</tbody>
</table></div>
</details>`
    : undefined
}
</section>
`;
}

/** The pruned model beside one of its size that was trained from scratch. */
function controlSection(report: PruneReport, say: Say, numbers: Numbers): Html | undefined {
  const table = controlTable(report, say, numbers);
  return table
    ? html`<section class="control">
<h2>${say('controlTitle')}</h2>
${figures(table.head, table.rows)}
<p class="muted">${say('controlText')}</p>
</section>
`
    : undefined;
}

function legend(say: Say): Html {
  const entry = (className: string, text: string) =>
    html`<span><svg viewBox="0 0 12 12" aria-hidden="true"><rect class="${className}" width="12" height="12"/></svg>${text}</span>`;
  return html`<p class="legend">${entry('share-before', say('zeroBefore'))}${entry('share-now', say('zeroNow'))}</p>`;
}

function layerSection(layer: LayerRows, say: Say, numbers: Numbers): Html {
  const { before, after = before, rows } = layer;
  const projection = projectionText(layer, say, numbers);
  const columns = matrices.map(
    (matrix) => html`<th scope="col">${say(matrix)} <small>${matrixShape(before, matrix)}</small></th>`,
  );
  const share = say('fromTo', {
    before: numbers.percent(before.sparsity),
    after: numbers.percent(after.sparsity),
  });
  return html`<section>
<h2>${before.name}</h2>
<p class="muted">${describeLayer({ before, after }, say)} · ${say('sparsity')} ${share}</p>
<div class="scroll"><table class="gates">
<thead><tr><th scope="col">${say('gate')}</th>${columns}<th scope="col">${say('bias')}</th></tr></thead>
<tbody>${rows.map(
    (
      row,
    ) => html`<tr><th scope="row">${row.gate} <small>${say(gateLabels[row.gate])}</small></th>${matrices.map(
      (matrix) => matrixCell(row[matrix], say, numbers),
    )}${biasCell(row.bias, say, numbers)}</tr>
`,
  )}</tbody>
</table></div>
${projection !== undefined ? html`<p>${projection}</p>` : undefined}
${after.deadUnits.length > 0 ? html`<p>${say('deadUnits', { units: listOf(after.deadUnits, say) })}</p>` : undefined}
</section>
`;
}

function includedSection(report: PruneReport, say: Say, numbers: Numbers): Html | undefined {
  const table = includedTable(report, say, numbers);
  return (
    table &&
    html`<section>
<h2>${say('includedWeights')}</h2>
${figures(table.head, table.rows)}
</section>
`
  );
}

/** Both shares in one bar, and the same as text. */
function matrixCell({ before, after = before }: Cell, say: Say, numbers: Numbers): Html {
  const [was, is] = [before.sparsity * 100, after.sparsity * 100];
  const share = say('fromTo', {
    before: numbers.percent(before.sparsity),
    after: numbers.percent(after.sparsity),
  });
  const mean = say('fromTo', {
    before: numbers.magnitude(before.meanAbs),
    after: numbers.magnitude(after.meanAbs),
  });
  const bar = html`<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="8"/><rect class="share-now" width="${is}" height="8"/><rect class="share-before" width="${Math.min(was, is)}" height="8"/></svg>`;
  return html`<td>${bar}${share} <small>${say('weights', { count: numbers.count(after.size) })} · ${say('meanAbs', { value: mean })}</small></td>`;
}

function biasCell(bias: Cell | undefined, say: Say, numbers: Numbers): Html {
  if (!bias) return html`<td class="bias">${say('noBias')}</td>`;
  const { before, after = before } = bias;
  return html`<td class="bias">${say('zero', { share: numbers.percent(after.sparsity) })} <small>${say(
    'meanAbs',
    {
      value: numbers.magnitude(after.meanAbs),
    },
  )}</small></td>`;
}
