import { type AutoReport, bestTrial } from '../protocol/auto.ts';
import { resultText, trialMeanings, trialsTable } from '../protocol/autoTables.ts';
import { numbersFor } from '../protocol/numbers.ts';
import { sayWith, type Translate, word } from '../protocol/wording.ts';
import { code, escaped, table } from './markdownText.ts';
import { recipeBlock } from './recipeFile.ts';
import { autoFacts, autoRemarks, autoTitle } from './text.ts';

/**
 * A search report as GitHub-flavoured Markdown, ending in a line break.
 * @param path where it will be; paths in the recipe begin there
 */
export function renderAutoMarkdown(
  report: AutoReport,
  t: Translate,
  locale = 'en',
  path: string = report.output,
): string {
  const say = sayWith(t);
  const numbers = numbersFor(locale);
  const { head, rows } = trialsTable(report, say, numbers);
  const remarks = autoRemarks(report, say, (message) => word(message, t, locale));
  const items = (sentences: readonly string[]) => sentences.map((text) => `- ${escaped(text)}`).join('\n');
  const best = bestTrial(report);
  const facts = autoFacts(report, say, numbers);
  const parts = [
    `# ${escaped(autoTitle(report, say))}`,
    escaped(resultText(report, say, numbers)),
    `## ${say('trialsMade')}`,
    table(head, rows),
    items(trialMeanings(report, say)),
    ...(remarks.length > 0 ? [`## ${say('notes')}`, items(remarks)] : []),
    `## ${say('result')}`,
    facts.map(([label, text]) => `- ${say(label)}: ${code(text)}`).join('\n'),
    ...(best ? [recipeBlock(best.recipe, path, say)] : []),
  ];
  return `${parts.join('\n\n')}\n`;
}
