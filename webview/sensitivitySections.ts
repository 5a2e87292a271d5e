import type { SensitivityContent } from '../extension/protocol/panel.ts';
import { finestCurves, ranked, type SensitivityCurve } from '../extension/protocol/sensitivity.ts';
import { findingSentences } from '../extension/protocol/sensitivityFindings.ts';
import { gateMeanings, levelTable, lossText, meanings } from '../extension/protocol/sensitivityTables.ts';
import { lossRange } from '../extension/protocol/smallCurve.ts';
import type { Drawing } from './context.ts';
import { curveCell } from './curveCell.ts';
import { element } from './dom.ts';
import { figureTable } from './figureTable.ts';
import { sensitivityCharts } from './sensitivityCharts.ts';

/** What pruning each part alone costs, ranked and as curves, and what the data tells of units and gates. */
export function sensitivitySections({ report }: SensitivityContent, drawing: Drawing): HTMLElement[] {
  const { say, numbers } = drawing;
  const finest = new Set(finestCurves(report.curves));
  const whole = report.curves.filter((curve) => !finest.has(curve));
  const table = (title: string, curves: readonly SensitivityCurve[]) =>
    section(title, curveTable(title, curves, report, drawing));
  return [
    table(say('sensitivityRanked'), [...finest]),
    sensitivityCharts(report, drawing),
    ...(whole.length > 0 ? [table(say('sensitivityWhole'), whole)] : []),
    explained(meanings(report, say, numbers)),
    everyLevel(report, drawing),
    ...findings(report, drawing),
  ];
}

type Report = SensitivityContent['report'];

function curveTable(
  title: string,
  curves: readonly SensitivityCurve[],
  report: Report,
  drawing: Drawing,
): HTMLElement {
  const { say, numbers } = drawing;
  const range = lossRange(report);
  const heads = (['part', 'weightNumber', 'harmlessUpTo', 'area', 'curve'] as const).map((label) =>
    say(label),
  );
  const rows = ranked(curves).map(
    (curve) =>
      [
        curve.name,
        numbers.count(curve.weights),
        numbers.percent(curve.harmless),
        lossText(curve.area, say, numbers),
        curveCell(curve, report.baseline, range, drawing),
      ] as const,
  );
  return figureTable('parts', title, heads, rows);
}

/** The curves' numbers, for those who do not see them and those who want them exactly. */
function everyLevel(report: Report, { say, numbers }: Drawing): HTMLElement {
  const { head, rows } = levelTable(report, say, numbers);
  const title = say('everySparsity');
  return element(
    'details',
    { class: 'numbers-of-chart' },
    element('summary', {}, title),
    // Wider than a narrow page; what scrolls must take the focus.
    element(
      'div',
      { class: 'scrolled', tabindex: 0, role: 'group', 'aria-label': title },
      figureTable('by-sparsity', title, head, rows as [string, ...string[]][]),
    ),
  );
}

function findings({ findings: { layers, limits } }: Report, { say, numbers }: Drawing): HTMLElement[] {
  if (layers.length === 0) return [];
  const told = layers.flatMap((layer) => {
    const sentences = findingSentences(layer, limits, say, numbers);
    return [
      element('h3', {}, layer.layer),
      element('ul', {}, ...sentences.map((sentence) => element('li', {}, sentence))),
    ];
  });
  const meaning = explained(gateMeanings(limits, say, numbers));
  return [section(say('unitsAndGates'), ...told, meaning)];
}

function explained(sentences: readonly string[]): HTMLElement {
  return element('div', { class: 'meanings' }, ...sentences.map((sentence) => element('p', {}, sentence)));
}

function section(title: string, ...parts: HTMLElement[]): HTMLElement {
  return element(
    'section',
    { class: 'sensitivity', 'aria-label': title },
    element('h2', {}, title),
    ...parts,
  );
}
