import type { Message } from '../protocol/messages.ts';
import { remedyFor, shown } from '../training/remedy.ts';
import type { Finetuned, Preparation } from './finetune.ts';
import type { Judgement } from './judge.ts';

/** What is to be said of a fine-tuning: what it took that nobody asked for, and that it did harm where it did. */
export function finetuneNotes(
  { settings, notes, samples }: Preparation,
  { pruned }: Finetuned,
  after: Judgement,
): Message[] {
  const worse = rise(pruned.loss, after.loss);
  const harm: Message[] = worse
    ? [{ code: 'noteWorseThanPruned', args: { ...worse, remedy: remedyFor(settings) } }]
    : [];
  return [...notes, ...samples.notes, ...harm];
}

/** Both losses where it has risen by more than the last digits, which depend on how it was added up. */
function rise(
  before: number | undefined,
  loss: number | undefined,
): { pruned: string; after: string } | undefined {
  if (before === undefined || loss === undefined) return undefined;
  const losses = { pruned: shown(before), after: shown(loss) };
  return Number(losses.after) > Number(losses.pruned) ? losses : undefined;
}
