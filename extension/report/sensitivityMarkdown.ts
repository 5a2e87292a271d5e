import { listOf, type Say } from '../protocol/labels.ts';
import { readable } from '../protocol/measures.ts';
import { type Numbers, numbersFor } from '../protocol/numbers.ts';
import type { LayerFindings, SensitivityReport } from '../protocol/sensitivity.ts';
import {
  gateMeanings,
  gatesTable,
  meanings,
  rankedTable,
  silentText,
  wholeTable,
} from '../protocol/sensitivityTables.ts';
import { sayWith, type Translate, word } from '../protocol/wording.ts';
import { code, escaped, table } from './markdownText.ts';
import { sensitivityFacts, sensitivityTitle } from './text.ts';

/** A sensitivity report as GitHub-flavoured Markdown, ending in a line break. */
export function renderSensitivityMarkdown(report: SensitivityReport, t: Translate, locale = 'en'): string {
  const say = sayWith(t);
  const numbers = numbersFor(locale);
  const { lossName, baseline, findings } = report;
  const ranked = rankedTable(report, say, numbers);
  const whole = wholeTable(report, say, numbers);
  const parts = [
    `# ${escaped(sensitivityTitle(report, say))}`,
    `${say('loss', { name: readable(lossName) })} ${numbers.quantity(baseline)}`,
    `## ${say('sensitivityRanked')}`,
    table(ranked.head, ranked.rows),
    ...(whole.rows.length > 0 ? [`## ${say('sensitivityWhole')}`, table(whole.head, whole.rows)] : []),
    items(meanings(report, say, numbers)),
    `## ${say('unitsAndGates')}`,
    ...findings.layers.flatMap((layer) => layerFindings(layer, report, say, numbers)),
    items(gateMeanings(findings.limits, say, numbers)),
  ];
  if (report.notes.length > 0)
    parts.push(`## ${say('notes')}`, items(report.notes.map((note) => word(note, t, locale))));
  const facts = sensitivityFacts(report, say, numbers);
  parts.push(facts.map(([label, text]) => `- ${say(label)}: ${code(text)}`).join('\n'));
  return `${parts.join('\n\n')}\n`;
}

function items(sentences: readonly string[]): string {
  return sentences.map((sentence) => `- ${escaped(sentence)}`).join('\n');
}

function layerFindings(
  layer: LayerFindings,
  { findings }: SensitivityReport,
  say: Say,
  numbers: Numbers,
): string[] {
  const listed = (units: readonly (number | string)[]) => listOf(units, say);
  const { head, rows } = gatesTable(layer, say, numbers, listed);
  const silent = silentText(layer, findings.limits, say, numbers, listed);
  return [`### ${escaped(layer.layer)}`, escaped(silent), table(head, rows)];
}
