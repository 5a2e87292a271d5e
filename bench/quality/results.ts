import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** One training, ours or the peer's. */
export interface Run {
  /** Of the test part. */
  readonly loss: number;
  /** Of the prunable weights. */
  readonly sparsity: number;
  /** 1 − remaining nonzero / original prunable weights. */
  readonly reduction?: number;
  readonly seconds: number;
}

/** What identifies a run: whoever changes one of these measures anew. */
export interface RunKey {
  readonly task: string;
  readonly side: 'ours' | 'pytorch';
  readonly way: string;
  readonly level: number;
  readonly seed: number;
}

/** Runs that are done, kept in a file after each, so that hours of work go on where they were broken off. */
export class RunStore {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  get(key: RunKey): Run | undefined {
    return this.#read().get(textOf(key));
  }

  set(key: RunKey, run: Run): void {
    const runs = this.#read().set(textOf(key), run);
    const temporary = `${this.#path}.${process.pid}`;
    const sorted = [...runs].sort(([a], [b]) => (a < b ? -1 : 1));
    writeFileSync(temporary, `${JSON.stringify(Object.fromEntries(sorted), null, 1)}\n`);
    renameSync(temporary, this.#path);
  }

  /** Read anew each time: several tasks may be measured side by side. */
  #read(): Map<string, Run> {
    return new Map(
      existsSync(this.#path) ? Object.entries(JSON.parse(readFileSync(this.#path, 'utf8'))) : [],
    );
  }
}

function textOf({ task, side, way, level, seed }: RunKey): string {
  return [task, side, way, level, seed].join(' | ');
}
