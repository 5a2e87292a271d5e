import { writeFile } from 'node:fs/promises';
import { checkPlace } from '../formats/outputName.ts';
import { writeWhole } from '../formats/writeWhole.ts';
import type { PruneReport } from '../protocol/report.ts';
import type { RenderRequest, ReportFormat } from '../protocol/requests.ts';
import type { Translate } from '../protocol/wording.ts';
import { renderHtml } from '../report/html.ts';
import { renderMarkdown } from '../report/markdown.ts';

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
  const text = draw(report, format, reader);
  await writeWhole(path, (temporary) => writeFile(temporary, text));
}

function draw(report: PruneReport, format: ReportFormat, { t, locale }: Reader): string {
  switch (format) {
    case 'html':
      return renderHtml(report, t, locale);
    case 'markdown':
      return renderMarkdown(report, t, locale);
    case 'json':
      return `${JSON.stringify(report, undefined, 2)}\n`;
  }
}
