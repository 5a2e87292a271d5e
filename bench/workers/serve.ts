import { createInterface } from 'node:readline';
import type { Answers, Request } from '../contender.ts';

type Prepare = Extract<Request, { do: 'prepare' }>;

/** A network that is ready to compute. */
export interface Prepared {
  readonly setting: string;
  /** What the first step computed. */
  readonly value: number;
  readonly step: () => Promise<unknown>;
  readonly dispose: () => Promise<void>;
}

/** The contender's side of contender.ts in Node: answers until standard input ends. */
export async function serve(
  versions: Readonly<Record<string, string>>,
  prepare: (request: Prepare) => Promise<Prepared>,
  profile?: (step: () => Promise<unknown>, ms: number) => Promise<Answers['profile']>,
): Promise<void> {
  // Libraries greet on the console; standard output is for answers.
  console.log = console.info = console.error;
  let prepared: Prepared | undefined;

  async function answer(request: Request): Promise<unknown> {
    switch (request.do) {
      case 'hello':
        return { versions };
      case 'prepare': {
        await prepared?.dispose();
        prepared = undefined;
        prepared = await prepare(request);
        return { setting: prepared.setting, value: prepared.value };
      }
      case 'run': {
        if (!prepared) throw new Error('nothing is prepared');
        const start = performance.now();
        for (let i = 0; i < request.steps; i++) await prepared.step();
        return { ms: (performance.now() - start) / request.steps };
      }
      case 'profile': {
        if (!prepared || !profile) throw new Error('there is nothing to profile');
        return profile(prepared.step, request.ms);
      }
    }
  }

  for await (const line of createInterface({ input: process.stdin })) {
    const reply = await answer(JSON.parse(line)).catch((error: Error) => ({ error: error.stack }));
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
  await prepared?.dispose();
}

/** Of the outputs' values, to compare what contenders compute. */
export function meanSquare(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return sum / values.length;
}
