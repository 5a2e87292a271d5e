import type { Message } from '../protocol/messages.ts';
import type { FinetuneSettings } from './finetuneTask.ts';

/** What decides how far a step goes. */
export type StepLength = Pick<FinetuneSettings, 'learningRate' | 'usualRate' | 'clipNorm'>;

/**
 * What to try where training made a model worse: a tenth of the learning rate, or the one that it would have been unasked where a tenth
 * is still above that; and clipping, unless it was tried.
 */
export function remedyFor({ learningRate, usualRate, clipNorm }: StepLength): Message {
  const rate = shown(Math.min(learningRate / 10, usualRate));
  return { code: clipNorm === undefined ? 'remedyRateOrClip' : 'remedyRate', args: { rate } };
}

/** As text: what numbers of a message are rounded to suits counts. */
export function shown(value: number): string {
  return String(Number(value.toPrecision(4)));
}
