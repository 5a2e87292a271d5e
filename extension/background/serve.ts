import {
  type CancellationToken,
  ErrorCodes,
  type MessageConnection,
  type RequestType,
  ResponseError,
} from 'vscode-jsonrpc/node';
import type { JobContext } from '../jobs/context.ts';
import type { Message } from '../protocol/messages.ts';
import { finishTraining, type JobProgress, jobProgress } from '../protocol/requests.ts';
import { messageOf } from '../protocol/userError.ts';
import { word } from '../protocol/wording.ts';

/** Progress is sent when it moved this far, so that fine batches do not flood the channel. */
const progressStep = 0.005;
/** Or after this time, as in a long epoch. */
const progressMilliseconds = 250;

type Job<P, R> = (request: P, context: JobContext) => Promise<R>;

/** What may be ended with what it has come to: fine-tuning, and the trials of a search. */
interface Training {
  /** Whether it runs now. */
  runs: boolean;
  readonly finish: AbortController;
}

/** Serves jobs on a connection: several at once, each with its progress, its cancellation and its errors as codes. */
export class JobServer {
  readonly #connection: MessageConnection;
  readonly #running = new Map<AbortController, Promise<unknown>>();
  /** Jobs with a progress token, by it. */
  readonly #trainings = new Map<string, Training>();

  constructor(connection: MessageConnection) {
    this.#connection = connection;
    connection.onNotification(finishTraining, ({ progressToken }) => {
      const training = this.#trainings.get(progressToken);
      // Before and behind it there is nothing to end, and what comes later is another matter.
      if (training?.runs) training.finish.abort();
    });
  }

  /** Answers requests of this type with the job. A failure becomes a ResponseError whose data is a `Message`. */
  serve<P extends object, R>(type: RequestType<P, R, Message>, job: Job<P, R>): void {
    this.#connection.onRequest<unknown, Message>(
      type.method,
      async (request: P, token: CancellationToken) => {
        const abort = new AbortController();
        const listening = token.onCancellationRequested(() => abort.abort());
        // A token that was cancelled before its request was taken up tells nobody.
        if (token.isCancellationRequested) abort.abort();
        const { progressToken } = request as { progressToken?: string };
        const training: Training = { runs: false, finish: new AbortController() };
        if (progressToken !== undefined) this.#trainings.set(progressToken, training);
        const send = this.#progressOf(progressToken);
        const progress = (now: JobProgress) => {
          training.runs = now.stage === 'finetune' || now.search !== undefined;
          send(now);
        };
        const result = job(request, { signal: abort.signal, finish: training.finish.signal, progress });
        this.#running.set(abort, result);
        try {
          return await result;
        } catch (error) {
          throw asResponseError(error);
        } finally {
          listening.dispose();
          this.#running.delete(abort);
          if (progressToken !== undefined) this.#trainings.delete(progressToken);
        }
      },
    );
  }

  /** Cancels what runs and waits until it has cleaned up after itself. */
  async stop(): Promise<void> {
    for (const abort of this.#running.keys()) abort.abort();
    await Promise.allSettled(this.#running.values());
  }

  #progressOf(progressToken: string | undefined): (progress: JobProgress) => void {
    if (progressToken === undefined) return () => {};
    let last: JobProgress | undefined;
    let sent = Number.NEGATIVE_INFINITY;
    return (progress) => {
      const now = performance.now();
      const moved = last?.stage !== progress.stage || progress.done - last.done >= progressStep;
      const due = progress.finetune && now - sent >= progressMilliseconds;
      if (!moved && !due && progress.done < 1) return;
      last = progress;
      sent = now;
      // A closed channel ends this process; there is nobody left to tell.
      this.#connection.sendProgress(jobProgress, progressToken, progress).catch(() => {});
    };
  }
}

function asResponseError(error: unknown): ResponseError<Message> {
  const info = messageOf(error);
  if (info.code === 'internal') console.error(error);
  const english = word(info, (template, args) =>
    template.replace(/\{(\w+)\}/g, (all, name) => String(args[name] ?? all)),
  );
  return new ResponseError(ErrorCodes.InternalError, english, info);
}
