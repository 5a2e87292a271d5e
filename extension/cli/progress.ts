import type { WriteStream } from 'node:tty';
import type { Reader } from '../jobs/render.ts';
import { numbersFor } from '../protocol/numbers.ts';
import type { JobProgress } from '../protocol/requests.ts';
import { searchText } from '../protocol/searchText.ts';
import { stageTexts } from '../protocol/stages.ts';
import { sayWith } from '../protocol/wording.ts';
import { displayWidth } from '../report/textTable.ts';
import { finetuneText } from './finetuneText.ts';

export interface ProgressLine {
  show(progress: JobProgress): void;
  /** Removes the line. */
  end(): void;
}

/** Nobody reads faster, and steps of fine-tuning may be quicker than a terminal. */
const leastMilliseconds = 100;

/** Of a terminal that does not know its own. */
const usualColumns = 80;

/** What a line needs of a terminal. */
export type Terminal = Pick<WriteStream, 'isTTY' | 'columns' | 'cursorTo' | 'clearLine' | 'write'>;

/** One line on a terminal that tells the stage and the share; elsewhere nothing, so that logs stay clean. */
export function showProgress(stream: Terminal, { t, locale }: Reader): ProgressLine {
  if (!stream.isTTY) return { show: () => {}, end: () => {} };
  let shown = '';
  let stageShown: JobProgress['stage'] | undefined;
  let written = 0;
  const replace = (text: string) => {
    if (text === shown) return;
    stream.cursorTo(0);
    stream.clearLine(1);
    stream.write(text);
    shown = text;
  };
  return {
    show: ({ stage, done, finetune, secondsLeft, search }) => {
      const now = performance.now();
      if (stage === stageShown && now - written < leastMilliseconds) return;
      [stageShown, written] = [stage, now];
      const [say, numbers] = [sayWith(t), numbersFor(locale)];
      const parts = [`${String(Math.round(done * 100)).padStart(3)} %`];
      if (search) parts.push(searchText(search, say, numbers));
      parts.push(t(stageTexts[stage], {}));
      if (finetune) parts.push(finetuneText(finetune, say, numbers));
      if (secondsLeft !== undefined) parts.push(say('secondsLeft', { time: numbers.duration(secondsLeft) }));
      // A line that wraps could not be taken back.
      replace(fitting(parts.join('  '), (stream.columns || usualColumns) - 1));
    },
    end: () => replace(''),
  };
}

/** The beginning of a text that takes at most so many columns. */
function fitting(text: string, columns: number): string {
  let fits = '';
  for (const character of text) {
    if (displayWidth(fits + character) > columns) break;
    fits += character;
  }
  return fits;
}
