import type { WriteStream } from 'node:tty';
import type { Reader } from '../jobs/render.ts';
import type { JobProgress } from '../protocol/requests.ts';
import { stageTexts } from '../protocol/stages.ts';

export interface ProgressLine {
  show(progress: JobProgress): void;
  /** Removes the line. */
  end(): void;
}

/** One line on a terminal that tells the stage and the share; elsewhere nothing, so that logs stay clean. */
export function showProgress(stream: WriteStream, { t }: Reader): ProgressLine {
  if (!stream.isTTY) return { show: () => {}, end: () => {} };
  let shown = '';
  const replace = (text: string) => {
    if (text === shown) return;
    stream.cursorTo(0);
    stream.clearLine(1);
    stream.write(text);
    shown = text;
  };
  return {
    show: ({ stage, done }) =>
      replace(`${String(Math.round(done * 100)).padStart(3)} %  ${t(stageTexts[stage], {})}`),
    end: () => replace(''),
  };
}
