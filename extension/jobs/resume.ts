import type { Model } from '../model/model.ts';
import type { Message, MessageCode } from '../protocol/messages.ts';
import { UserError } from '../protocol/userError.ts';
import type { Snapshot } from '../training/finetune.ts';
import type { FinetuneTask } from '../training/finetuneTask.ts';
import { asSnapshot, fits } from '../training/storedSnapshot.ts';
import type { CheckpointFile } from './checkpoints.ts';
import { addNotes } from './judge.ts';
import type { Scheduled } from './openSchedule.ts';
import { putOn } from './scheduledMasks.ts';

/** Takes up what an earlier process left, and says so; what cannot be used is passed over, and that is said too. */
export async function resume(
  { session }: FinetuneTask,
  scheduled: Scheduled | undefined,
  model: Model,
  checkpoints: CheckpointFile,
  notes: Message[],
): Promise<Snapshot | undefined> {
  try {
    const stored = await checkpoints.load();
    if (!stored) return undefined;
    const isOwn = withoutThreads(stored.engine) === withoutThreads(session.engine);
    const snapshot = isOwn ? asSnapshot(stored, model.parameters) : undefined;
    if (!snapshot || !(await takeUpSnapshot(session, scheduled, snapshot)))
      throw new UserError('reasonOtherEngine');
    addNotes(notes, [{ code: 'noteResumed', args: { epoch: snapshot.epochs.length } }]);
    return snapshot;
  } catch (error) {
    addNotes(notes, [because('noteCheckpointUnusable', error)]);
    return undefined;
  }
}

/** Whether a session could take up masks and state of a snapshot; it is as before where it could not. */
async function takeUpSnapshot(
  session: FinetuneTask['session'],
  scheduled: Scheduled | undefined,
  snapshot: Snapshot,
): Promise<boolean> {
  const { schedule, epochs, state } = snapshot;
  if (scheduled) {
    if (!schedule) return false;
    putOn(schedule.masks);
    await session.remask();
  }
  const isFitting = fits(snapshot, await session.state());
  if (!isFitting) {
    if (scheduled) await takeUpAtOnce(session, scheduled);
    return false;
  }
  await session.restore(state);
  if (scheduled && schedule) scheduled.masks.restore(schedule, epochs.length);
  return true;
}

/** A state does not depend on how many threads came to it. */
function withoutThreads(engine: string): string {
  return engine.replace(/\d+ threads?/, '');
}

/** What became of a checkpoint, with the reason. */
export function because(code: MessageCode, error: unknown): Message {
  if (error instanceof UserError) return { code, args: {}, cause: error.info };
  return { code, args: { reason: error instanceof Error ? error.message : String(error) } };
}

/** Lets a session have the file's weights with the masks of the whole plan. */
export async function takeUpAtOnce(session: FinetuneTask['session'], { atOnce }: Scheduled): Promise<void> {
  putOn(atOnce);
  await session.refresh(atOnce.keys());
}
