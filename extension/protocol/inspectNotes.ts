import type { Message } from './messages.ts';
import type { InspectReport } from './report.ts';

/** What is to be said beside the gates of a model: what evaluating it takes for granted, or why it cannot be evaluated. */
export function inspectNotes({ assumptions = [], notEvaluable }: InspectReport): Message[] {
  return notEvaluable ? [...assumptions, notEvaluable] : assumptions;
}
