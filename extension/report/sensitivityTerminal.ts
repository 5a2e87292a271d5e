import type { Say } from '../protocol/labels.ts';
import { readable } from '../protocol/measures.ts';
import { type Numbers, numbersFor } from '../protocol/numbers.ts';
import type { LayerFindings, SensitivityReport } from '../protocol/sensitivity.ts';
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
import { list, sections, someOf } from './terminalText.ts';
import { dataText } from './text.ts';
import { drawTable } from './textTable.ts';

/** What pruning each part costs, for people: the most sensitive first, and what the data tells of units and gates. */
export function sensitivityTable(report: SensitivityReport, t: Translate, locale = 'en'): string {
  const say = sayWith(t);
  const numbers = numbersFor(locale);
  const { lossName, baseline, findings } = report;
  const whole = wholeTable(report, say, numbers);
  const how = [
    [say('data'), dataText(report.data, say, numbers)],
    [say('engine'), report.engine],
    [say('seconds'), numbers.seconds(report.seconds)],
  ];
  return sections(
    `${say('loss', { name: readable(lossName) })} ${numbers.quantity(baseline)}`,
    `${say('sensitivityRanked')}\n${drawn(rankedTable(report, say, numbers))}`,
    whole.rows.length > 0 ? `${say('sensitivityWhole')}\n${drawn(whole)}` : '',
    meanings(report, say, numbers).join('\n'),
    say('unitsAndGates'),
    ...findings.layers.map((layer) => layerFindings(layer, report, say, numbers)),
    findings.layers.length > 0 ? gateMeanings(findings.limits, say, numbers).join('\n') : '',
    list(
      report.notes.map((note) => word(note, t, locale)),
      say,
    ),
    drawTable({ headings: [], rows: how }),
  );
}

function layerFindings(
  layer: LayerFindings,
  { findings }: SensitivityReport,
  say: Say,
  numbers: Numbers,
): string {
  const listed = (units: readonly (number | string)[]) => someOf(units, say);
  const { head, rows } = gatesTable(layer, say, numbers, listed);
  const headings = head.map((text) => ({ text }));
  const table = drawTable({ headings, rows, right: [1, 2] });
  return `${layer.layer} · ${silentText(layer, findings.limits, say, numbers, listed)}\n${table}`;
}

function drawn({ head, rows }: TextColumns): string {
  const right = [...head.keys()].filter((at) => at > 0 && at !== curveColumn);
  return drawTable({ headings: head.map((text) => ({ text })), rows, right });
}
