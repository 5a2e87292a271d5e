import type { AutoReport } from '../extension/protocol/auto.ts';
import {
  endingText,
  resultText,
  spareColumn,
  trialMeanings,
  trialsTable,
  validationText,
} from '../extension/protocol/autoTables.ts';
import { listOf } from '../extension/protocol/labels.ts';
import type { SearchContent } from '../extension/protocol/panel.ts';
import { searchMeasures } from '../extension/protocol/searchMeasures.ts';
import { cards } from './cards.ts';
import type { Drawing } from './context.ts';
import { details } from './details.ts';
import { type Child, element } from './dom.ts';
import { figureTable } from './figureTable.ts';
import { frontFigure } from './frontFigure.ts';

interface SearchOptions {
  readonly drawing: Drawing;
  readonly recipeButton: (trial: number) => HTMLElement;
}

/** What was found, the chosen trial beside the model as it is, and how it was searched for. @param part which samples of the data */
export function searchFigures(
  { report, places }: SearchContent,
  part: readonly string[],
  drawing: Drawing,
): HTMLElement[] {
  const { say, numbers } = drawing;
  return [
    element('p', { class: 'found' }, resultText(report, say, numbers)),
    cards(searchMeasures(report, say), drawing),
    element(
      'div',
      { class: 'search-facts' },
      details([
        [say('output'), places.output],
        [say('model'), places.model],
        [say('searchEnded'), endingText(report, say, numbers)],
        [say('budget'), `${numbers.quantity(report.limits.validation)} (${report.options.maxLossIncrease})`],
        [say('validatedOn'), validationText(report, say, numbers)],
        [say('data'), listOf([places.data, ...part], say)],
        [say('engine'), report.engine],
        [say('seconds'), numbers.seconds(report.seconds)],
      ]),
    ),
  ];
}

/** Every trial, as points and in a table with its recipe. */
export function searchSections(
  { report }: SearchContent,
  { drawing, recipeButton }: SearchOptions,
): HTMLElement[] {
  const { say } = drawing;
  const title = say('trialsMade');
  return [
    element(
      'section',
      { class: 'search', 'aria-label': title },
      element('h2', {}, title),
      frontFigure(report, drawing),
      trials(report, title, drawing, recipeButton),
      element(
        'div',
        { class: 'meanings' },
        ...trialMeanings(report, say).map((sentence) => element('p', {}, sentence)),
      ),
    ),
  ];
}

function trials(
  report: AutoReport,
  title: string,
  { say, numbers }: Drawing,
  recipeButton: (trial: number) => HTMLElement,
): HTMLElement {
  const table = trialsTable(report, say, numbers);
  const shown = (cells: readonly string[]) => cells.filter((_, at) => at !== spareColumn);
  const [trial, ...heads] = shown(table.head);
  const rows = table.rows.map(shown).map(([name, ...cells], at): [string, ...Child[]] => {
    // The first row is the model as it is.
    const tried = report.trials.at(at - 1);
    return [name, at > 0 && tried ? recipeButton(tried.id) : '', ...cells];
  });
  // Wider than a narrow page; what scrolls must take the focus.
  return element(
    'div',
    { class: 'scrolled', tabindex: 0, role: 'group', 'aria-label': title },
    figureTable('trials', title, [trial, say('recipe'), ...heads], rows),
  );
}
