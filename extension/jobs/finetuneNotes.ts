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
  const further = rise(pruned.divergence?.value, after.divergence?.value);
  const remedy = remedyFor(settings);
  const harm: Message[] = [
    ...(worse ? [{ code: 'noteWorseThanPruned', args: { ...worse, remedy } } as const] : []),
    ...(further ? [{ code: 'noteFurtherThanPruned', args: { ...further, remedy } } as const] : []),
  ];
  return [...notes, ...samples.notes, ...harm];
}

/** A loss that is so much higher is worth a word: less is no harm, and may be no more than how it was added up. */
const noticeable = 1e-3;

/** Both losses where it has risen. */
function rise(
  before: number | undefined,
  loss: number | undefined,
): { pruned: string; after: string } | undefined {
  if (before === undefined || loss === undefined) return undefined;
  return loss > before + Math.abs(before) * noticeable
    ? { pruned: shown(before), after: shown(loss) }
    : undefined;
}
