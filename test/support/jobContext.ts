import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { JobContext } from '../../extension/jobs/context.ts';
import type { JobProgress } from '../../extension/protocol/requests.ts';
import { scratchPrefix } from '../../extension/protocol/temporaryNames.ts';

/** A context that keeps what it is told, and may be given up at any moment. */
export interface RecordedContext extends JobContext {
  readonly seen: JobProgress[];
  readonly abort: AbortController;
}

/** @param cancelAt gives the job up when it says so */
export function recordedContext(cancelAt?: (progress: JobProgress) => boolean): RecordedContext {
  const abort = new AbortController();
  const seen: JobProgress[] = [];
  const progress = (now: JobProgress) => {
    seen.push(now);
    if (cancelAt?.(now)) abort.abort();
  };
  return { signal: abort.signal, progress, seen, abort };
}

export function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** A folder of its own in which a model lies alone. */
export interface Place {
  readonly folder: string;
  readonly model: string;
  /** Names in the folder, hidden ones too. */
  files(): string[];
  remove(): void;
}

export function placeOf(model: string): Place {
  const folder = mkdtempSync(join(tmpdir(), 'lstm-pruner-test-'));
  const copy = join(folder, basename(model));
  copyFileSync(model, copy);
  return {
    folder,
    model: copy,
    files: () => readdirSync(folder).sort(),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Scratch folders that jobs of this process have left behind. */
export function leftScratch(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(scratchPrefix(process.pid)));
}
