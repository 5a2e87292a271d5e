import type { Reader } from '../jobs/render.ts';
import { type Message, messages } from '../protocol/messages.ts';
import type { JobProgress } from '../protocol/requests.ts';

/**
 * What Ctrl+C and a request to end do: give the command up. Where the best weights are to be kept, the first Ctrl+C during fine-tuning
 * ends that instead. One more ends the process at once.
 */
export class Interruption {
  readonly #abort = new AbortController();
  readonly #finish = new AbortController();
  readonly #reader: Reader;
  /** Whether the same command would take up a checkpoint. */
  resumes = true;
  #stage: JobProgress['stage'] | undefined;
  /** Epochs in the checkpoint; 0: there is none. */
  #epochs = 0;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** Gives everything up. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Ends fine-tuning. */
  get finish(): AbortSignal {
    return this.#finish.signal;
  }

  /** Told of every progress. */
  watch({ stage, finetune }: JobProgress): void {
    this.#stage = stage;
    if (finetune) this.#epochs = finetune.checkpoint ?? 0;
  }

  /** What is said where everything was given up. */
  get message(): Message {
    return this.resumes && this.#epochs > 0
      ? { code: 'cancelledCommand', args: { epoch: this.#epochs } }
      : { code: 'cancelled', args: {} };
  }

  listen(keepBest: boolean): void {
    process.once('SIGTERM', () => this.#abort.abort());
    const interrupt = () => {
      if (!keepBest || this.#stage !== 'finetune' || this.#finish.signal.aborted) {
        process.off('SIGINT', interrupt);
        this.#abort.abort();
        return;
      }
      this.#finish.abort();
      process.stderr.write(`\n${this.#reader.t(messages.finishing, {})}\n`);
    };
    process.on('SIGINT', interrupt);
  }
}
