import type { AutoReport } from '../protocol/auto.ts';
import {
  endingText,
  resultText,
  spareColumn,
  trialMeanings,
  trialsTable,
  trialTextColumns,
  validationText,
} from '../protocol/autoTables.ts';
import { numbersFor } from '../protocol/numbers.ts';
import { sayWith, type Translate, word } from '../protocol/wording.ts';
import { list, sections } from './terminalText.ts';
import { autoRemarks, dataText } from './text.ts';
import { drawTable } from './textTable.ts';

/** What a search tried and found, for people: every trial, which of them was chosen, notes, and where the output is. */
export function autoTable(report: AutoReport, t: Translate, locale = 'en'): string {
  const say = sayWith(t);
  const numbers = numbersFor(locale);
  const { head, rows } = trialsTable(report, say, numbers);
  // Lines that wrap are no table.
  const shown = [...head.keys()].filter((at) => at !== spareColumn);
  const cellsOf = (row: readonly string[]) => shown.map((at) => row[at]);
  const isNumber = (at: number) => at > 0 && !trialTextColumns.includes(at);
  const right = [...shown.keys()].filter((at) => isNumber(shown[at]));
  const how = [
    [say('searchEnded'), endingText(report, say, numbers)],
    [say('validatedOn'), validationText(report, say, numbers)],
    [say('data'), dataText(report.data, say, numbers)],
    ...(report.engine === undefined ? [] : [[say('engine'), report.engine]]),
    [say('seconds'), numbers.seconds(report.seconds)],
    [say('output'), report.output],
  ];
  return sections(
    resultText(report, say, numbers),
    drawTable({ headings: cellsOf(head).map((text) => ({ text })), rows: rows.map(cellsOf), right }),
    trialMeanings(report, say).join('\n'),
    list(
      autoRemarks(report, say, (message) => word(message, t, locale)),
      say,
    ),
    drawTable({ headings: [], rows: how }),
  );
}
