import { setImmediate } from 'node:timers/promises';
import type { JobProgress } from '../protocol/requests.ts';
import { UserError } from '../protocol/userError.ts';

/** What every job gets from whoever runs it. */
export interface JobContext {
  /** Gives the job up; nothing is written. */
  readonly signal: AbortSignal;
  /** Ends fine-tuning before its time: the best weights so far are written. Other stages take no notice of it. */
  readonly finish?: AbortSignal;
  progress(progress: JobProgress): void;
}

/** Lets other requests be answered; throws `cancelled` where the job was given up. */
export async function breathe({ signal }: JobContext): Promise<void> {
  await setImmediate();
  if (signal.aborted) throw new UserError('cancelled');
}
