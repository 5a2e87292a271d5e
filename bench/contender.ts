import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Configuration, Pass } from './configurations.ts';
import type { Profile } from './profile.ts';

/** What a contender is asked: one JSON object a line; it answers each with one line, in order. */
export type Request =
  | { readonly do: 'hello' }
  | {
      readonly do: 'prepare';
      readonly configuration: Configuration;
      readonly pass: Pass;
      /** Where the workload is. */
      readonly folder: string;
      /** Contenders that cannot prune stay dense. */
      readonly sparsity: number;
    }
  | { readonly do: 'run'; readonly steps: number }
  | { readonly do: 'profile'; readonly ms: number };

export interface Answers {
  hello: { readonly versions: Readonly<Record<string, string>> };
  prepare: {
    /** What was chosen, for the report: a layout, a compiler, threads. */
    readonly setting: string;
    /** What the first step computed: the loss, or the mean square of the outputs. */
    readonly value: number;
  };
  /** Milliseconds of one step, the mean of the steps asked for. */
  run: { readonly ms: number };
  profile: Profile;
}

/** How a contender's process is started. */
export interface Start {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A long-lived process that computes steps when it is asked, so that several can take turns. */
export class Contender {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #answers: AsyncIterator<string>;
  #said = '';

  constructor(name: string, { command, args, env }: Start) {
    this.name = name;
    this.#child = spawn(command, args, { env: { ...process.env, ...env }, stdio: 'pipe' });
    // A child that ends is told by the end of its answers; a broken pipe before that adds nothing.
    this.#child.stdin?.on('error', () => {});
    this.#child.on('error', (error) => {
      this.#said += error.message;
    });
    this.#child.stderr?.on('data', (text) => {
      this.#said = (this.#said + text).slice(-4000);
    });
    this.#lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  /** Throws with what the process said when it cannot do it or has ended. */
  async ask<R extends Request>(request: R): Promise<Answers[R['do']]> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`${this.name} ended at "${request.do}": ${this.#said.trim()}`);
    const answer = JSON.parse(value);
    if (answer.error !== undefined) throw new Error(`${this.name} at "${request.do}": ${answer.error}`);
    return answer;
  }

  /** Ends the process: its input ends, and if it does not follow, it is stopped. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin?.end();
    const stop = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(stop);
    this.#lines.close();
  }
}
