import { basename, dirname } from 'node:path';
import { type AutoOptions, type AutoReport, bestTrial } from '../protocol/auto.ts';
import { endingText, validationText } from '../protocol/autoTables.ts';
import { flagName } from '../protocol/flagNames.ts';
import type { LabelName, Say } from '../protocol/labels.ts';
import { listOf, splitLabels } from '../protocol/labels.ts';
import type { Message } from '../protocol/messages.ts';
import type { Numbers } from '../protocol/numbers.ts';
import type { Recipe } from '../protocol/recipe.ts';
import type { EvaluateReport, PruneReport } from '../protocol/report.ts';
import type { SensitivityOptions, SensitivityReport } from '../protocol/sensitivity.ts';

/** Facts about how a result came about, as pairs of label and text. */
export type Fact = [label: LabelName, text: string];

/** Where a prune read and wrote, what it was told, and what it measured on. */
export function pruneFacts(report: PruneReport, say: Say, numbers: Numbers): Fact[] {
  const facts: Fact[] = [
    ['model', report.model],
    ['output', report.output],
    ['format', report.after.format],
    ['parameters', numbers.count(report.after.parameters)],
    ['recipe', flagsText(report.recipe)],
  ];
  if (report.data) facts.push(['data', dataText(report.data, say, numbers)]);
  if (report.engine) facts.push(['engine', report.engine]);
  facts.push(['seconds', numbers.seconds(report.seconds)]);
  return facts;
}

/** `sensors.npz, test part, 93 samples`. */
export function dataText(
  data: { file?: string; split: EvaluateReport['split']; samples: number },
  say: Say,
  numbers: Numbers,
): string {
  const parts = [say(splitLabels[data.split]), say('samples', { count: numbers.count(data.samples) })];
  if (data.file !== undefined) parts.unshift(basename(data.file));
  return listOf(parts, say);
}

/** Where a sensitivity was measured, by what, and on what. */
export function sensitivityFacts(report: SensitivityReport, say: Say, numbers: Numbers): Fact[] {
  return [
    ['model', report.model],
    ['recipe', flagsText(report.options)],
    ['data', dataText(report.data, say, numbers)],
    ['engine', report.engine],
    ['seconds', numbers.seconds(report.seconds)],
  ];
}

/** How a search went, what it chose, and where its trials are. */
export function autoFacts(report: AutoReport, say: Say, numbers: Numbers): Fact[] {
  const best = bestTrial(report);
  return [
    ['model', report.model],
    ['output', report.output],
    ['searchEnded', endingText(report, say, numbers)],
    ['recipe', flagsText(report.options)],
    ...(best ? ([['bestRecipe', flagsText(best.recipe)]] as const) : []),
    ['validatedOn', validationText(report, say, numbers)],
    ['data', dataText(report.data, say, numbers)],
    ...(best?.result ? ([['trialsFolder', dirname(best.result.file)]] as const) : []),
    ...(report.engine === undefined ? [] : ([['engine', report.engine]] as const)),
    ['seconds', numbers.seconds(report.seconds)],
  ].map(([label, text]): Fact => [label as LabelName, text]);
}

/** Settings in the words of the command line, so that they can be repeated there. */
function flagsText(settings: Recipe | SensitivityOptions | AutoOptions): string {
  return Object.entries(settings)
    .filter(([key, value]) => value !== undefined && (value !== false || key === 'resume'))
    .map(([key, value]) => {
      const flag = flagName(key);
      // The only switch that is on where nothing is said.
      if (value === false) return `--no-${flag}`;
      if (value === true) return `--${flag}`;
      return `--${flag} ${quoted(typeof value === 'object' ? listed(value) : String(value))}`;
    })
    .join(' ');
}

/** One word of a POSIX shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** `0.5,0.9`, or `i=0.9,f=0.8`. */
function listed(value: object): string {
  if (Array.isArray(value)) return value.join(',');
  return Object.entries(value)
    .map(([name, target]) => `${name}=${target}`)
    .join(',');
}

/** The heading of a report: which file was pruned. */
export function titleOf(report: PruneReport, say: Say): string {
  return say('reportTitle', { name: basename(report.model) });
}

/** The same of a sensitivity report. */
export function sensitivityTitle(report: SensitivityReport, say: Say): string {
  return say('sensitivityTitle', { name: basename(report.model) });
}

/** The same of a search report. */
export function autoTitle(report: AutoReport, say: Say): string {
  return say('autoTitle', { name: basename(report.model) });
}

/** What to be said of a search beside its figures: why trials failed, and its notes. */
export function autoRemarks(
  { trials, notes }: AutoReport,
  say: Say,
  wordOf: (message: Message) => string,
): string[] {
  const failed = trials.flatMap(({ id, failure }) =>
    failure ? [say('failureOf', { trial: id, reason: wordOf(failure) })] : [],
  );
  return [...failed, ...notes.map(wordOf)];
}
