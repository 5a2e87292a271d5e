import type { Reader } from '../jobs/render.ts';
import { type Message, messages } from '../protocol/messages.ts';
import type { JobProgress } from '../protocol/requests.ts';

/**
 * What Ctrl+C and a request to end do: give the command up. Where the best is to be kept, the first Ctrl+C during fine-tuning, or during
 * the trials of a search, ends that instead. One more ends the process at once.
 */
export class Interruption {
  readonly #abort = new AbortController();
  readonly #finish = new AbortController();
  readonly #reader: Reader;
  /** Whether the same command would take up a checkpoint. */
  resumes = true;
  /** Epochs in the checkpoint; 0: there is none. */
  #epochs = 0;
  /** Trials of a search that are done. */
  #trials = 0;
  /** Whether there is something to end early. */
  #runs = false;
  #searches = false;

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
  watch({ stage, finetune, search }: JobProgress): void {
    this.#runs = stage === 'finetune' || stage === 'control' || search !== undefined;
    if (search) [this.#searches, this.#trials] = [true, search.trial - 1];
    if (finetune) this.#epochs = finetune.checkpoint ?? 0;
  }

  /** What is said where everything was given up. */
  get message(): Message {
    if (this.resumes && this.#trials > 0) return { code: 'cancelledSearch', args: { count: this.#trials } };
    return this.resumes && this.#epochs > 0
      ? { code: 'cancelledCommand', args: { epoch: this.#epochs } }
      : { code: 'cancelled', args: {} };
  }

  listen(keepBest: boolean): void {
    process.once('SIGTERM', () => this.#abort.abort());
    const interrupt = () => {
      if (!keepBest || !this.#runs || this.#finish.signal.aborted) {
        process.off('SIGINT', interrupt);
        this.#abort.abort();
        return;
      }
      this.#finish.abort();
      process.stderr.write(
        `\n${this.#reader.t(messages[this.#searches ? 'finishingSearch' : 'finishing'], {})}\n`,
      );
    };
    process.on('SIGINT', interrupt);
  }
}
