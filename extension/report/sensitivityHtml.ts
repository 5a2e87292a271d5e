import { listOf, type Say } from '../protocol/labels.ts';
import { readable } from '../protocol/measures.ts';
import { type Numbers, numbersFor } from '../protocol/numbers.ts';
import type { LayerFindings, SensitivityReport } from '../protocol/sensitivity.ts';
import { chartGroups } from '../protocol/sensitivityChart.ts';
import {
  curveColumn,
  gateMeanings,
  gatesTable,
  meanings,
  rankedTable,
  silentText,
  type TextColumns,
  wholeTable,
} from '../protocol/sensitivityTables.ts';
import { sayWith, type Translate, word } from '../protocol/wording.ts';
import { type Html, html } from './escape.ts';
import { factList, htmlPage, notes } from './htmlPage.ts';
import { dataTable } from './htmlTable.ts';
import { sensitivityCurves } from './sensitivityCurves.ts';
import { sensitivityFacts, sensitivityTitle } from './text.ts';

/** A sensitivity report as one HTML page that needs nothing else: curves by matrix, tables, and what the data tells. */
export function renderSensitivityHtml(report: SensitivityReport, t: Translate, locale = 'en'): string {
  const say = sayWith(t);
  const numbers = numbersFor(locale);
  const { lossName, baseline, findings } = report;
  const whole = wholeTable(report, say, numbers);
  const body = html`<p class="muted">${say('loss', { name: readable(lossName) })} ${numbers.quantity(baseline)}</p>
<h2>${say('sensitivityRanked')}</h2>
${columnsTable(rankedTable(report, say, numbers))}
${whole.rows.length > 0 ? html`<h2>${say('sensitivityWhole')}</h2>${columnsTable(whole)}` : undefined}
${paragraphs(meanings(report, say, numbers))}
<div class="charts">${chartGroups(report).map((group) => sensitivityCurves(group, baseline, say, numbers))}</div>
<h2>${say('unitsAndGates')}</h2>
${findings.layers.map((layer) => layerFindings(layer, report, say, numbers))}
${paragraphs(gateMeanings(findings.limits, say, numbers))}
${notes(
  report.notes.map((note) => word(note, t, locale)),
  say,
)}
<h2>${say('result')}</h2>
${factList(sensitivityFacts(report, say, numbers), say)}`;
  return htmlPage(sensitivityTitle(report, say), body, locale);
}

/** Pictures in text stand in charts of their own here. */
function columnsTable({ head, rows }: TextColumns): Html {
  const shown = (cells: readonly string[]) => cells.filter((_, at) => at !== curveColumn);
  return dataTable({ head: shown(head), rows: rows.map(shown) });
}

function layerFindings(
  layer: LayerFindings,
  { findings }: SensitivityReport,
  say: Say,
  numbers: Numbers,
): Html {
  const listed = (units: readonly (number | string)[]) => listOf(units, say);
  const { head, rows } = gatesTable(layer, say, numbers, listed);
  return html`<section>
<h3>${layer.layer}</h3>
<p>${silentText(layer, findings.limits, say, numbers, listed)}</p>
<div class="scroll"><table>
<thead><tr>${head.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([gate, ...cells]) => html`<tr><th scope="row">${gate}</th>${cells.map(
      (text) => html`<td>${text}</td>`,
    )}</tr>
`,
  )}</tbody>
</table></div>
</section>
`;
}

function paragraphs(sentences: readonly string[]): Html[] {
  return sentences.map(
    (sentence) => html`<p class="muted">${sentence}</p>
`,
  );
}
