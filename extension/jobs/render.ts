import { writeFile } from 'node:fs/promises';
import { checkPlace } from '../formats/outputName.ts';
import { writeWhole } from '../formats/writeWhole.ts';
import type { RenderRequest } from '../protocol/requests.ts';
import type { Translate } from '../protocol/wording.ts';
import { renderAutoHtml } from '../report/autoHtml.ts';
import { renderAutoMarkdown } from '../report/autoMarkdown.ts';
import { renderHtml } from '../report/html.ts';
import { renderMarkdown } from '../report/markdown.ts';
import { renderSensitivityHtml } from '../report/sensitivityHtml.ts';
import { renderSensitivityMarkdown } from '../report/sensitivityMarkdown.ts';

/** In whose language a report is written. */
export interface Reader {
  readonly t: Translate;
  /** BCP 47, for numbers. */
  readonly locale: string;
}

/** Checks before a long job that its report can be written. Throws outputExists, readOnly or cannotWrite. */
export const checkReport = checkPlace;

/** Writes a report to a file, replacing it. Throws diskFull, readOnly or cannotWrite. */
export async function render({ report, format, path }: RenderRequest, reader: Reader): Promise<void> {
  const text = draw({ report, format, path }, reader);
  await writeWhole(path, (temporary) => writeFile(temporary, text));
}

function draw({ report, format, path }: RenderRequest, { t, locale }: Reader): string {
  if (format === 'json') return `${JSON.stringify(report, undefined, 2)}\n`;
  if ('curves' in report)
    return format === 'html'
      ? renderSensitivityHtml(report, t, locale)
      : renderSensitivityMarkdown(report, t, locale);
  if ('trials' in report)
    return format === 'html'
      ? renderAutoHtml(report, t, locale, path)
      : renderAutoMarkdown(report, t, locale, path);
  return format === 'html' ? renderHtml(report, t, locale, path) : renderMarkdown(report, t, locale, path);
}
