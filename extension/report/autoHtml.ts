import { type AutoReport, bestTrial } from '../protocol/auto.ts';
import { resultText, trialMeanings, trialsTable, trialTextColumns } from '../protocol/autoTables.ts';
import { numbersFor } from '../protocol/numbers.ts';
import { sayWith, type Translate, word } from '../protocol/wording.ts';
import { html } from './escape.ts';
import { frontCurve } from './frontCurve.ts';
import { factList, htmlPage, notes } from './htmlPage.ts';
import { dataTable } from './htmlTable.ts';
import { recipeDetails } from './recipeFile.ts';
import { autoFacts, autoRemarks, autoTitle } from './text.ts';

/**
 * A search report as one HTML page that needs nothing else: the front as a picture, every trial, and how it was found.
 * @param path where it will be; paths in the recipe begin there
 */
export function renderAutoHtml(
  report: AutoReport,
  t: Translate,
  locale = 'en',
  path: string = report.output,
): string {
  const say = sayWith(t);
  const numbers = numbersFor(locale);
  const remarks = autoRemarks(report, say, (message) => word(message, t, locale));
  const best = bestTrial(report);
  const body = html`<p>${resultText(report, say, numbers)}</p>
${frontCurve(report, say, numbers)}
<h2>${say('trialsMade')}</h2>
${dataTable(trialsTable(report, say, numbers), trialTextColumns)}
${trialMeanings(report, say).map(
  (sentence) => html`<p class="muted">${sentence}</p>
`,
)}
${notes(remarks, say)}
<h2>${say('result')}</h2>
${factList(autoFacts(report, say, numbers), say)}
${best && recipeDetails(best.recipe, path, say)}`;
  return htmlPage(autoTitle(report, say), body, locale);
}
