import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const fileOf = (script: string) => fileURLToPath(new URL(script, import.meta.url));

/** Runs a script of this folder; throws when it fails. */
export async function runScript(python: string, script: string, args: readonly string[]): Promise<void> {
  const child = spawn(python, [fileOf(script), ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
  const code = await ended(child);
  if (code !== 0) throw new Error(`${script} ended with ${code}`);
}

/** The PyTorch script as a process that trains one model after the other. */
export class Peer {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor(python: string) {
    this.#child = spawn(python, [fileOf('peer.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#answers = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })[
      Symbol.asyncIterator
    ]();
  }

  async run(job: object): Promise<{ loss: number; sparsity: number }> {
    this.#child.stdin?.write(`${JSON.stringify(job)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error('the PyTorch script ended');
    return JSON.parse(value);
  }

  end(): void {
    this.#child.stdin?.end();
  }
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
}
