import type { Message } from './messages.ts';
import type { InspectReport } from './report.ts';

/** What is to be said beside the gates of a model: of its file, what evaluating it takes for granted, or why it cannot be evaluated. */
export function inspectNotes({ fileNotes = [], assumptions = [], notEvaluable }: InspectReport): Message[] {
  return [...fileNotes, ...assumptions, ...(notEvaluable ? [notEvaluable] : [])];
}
