import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Competitor } from './bestContender.ts';
import { type Configuration, configurations, type Pass } from './configurations.ts';
import { startContender } from './contenders.ts';
import type { BenchOptions } from './options.ts';
import type { EngineName, PeerName, ProfiledCase, Results, Row } from './results.ts';
import { type Runner, takeTurns, warm } from './takeTurns.ts';
import { judge } from './targets.ts';
import { makeWorkload, writeWorkload } from './workload.ts';

type Measured = Pick<Results, 'rows' | 'profiles'> &
  Pick<Results['environment'], 'versions' | 'settings' | 'notes'>;

/** Contenders of one number of threads, by name. */
type Started = ReadonlyMap<EngineName | PeerName, Competitor>;

/** Milliseconds of a profile; half of them with the profiler. */
const profiled = 800;
/** Levels that are profiled even where all targets are reached. */
const alwaysProfiled: readonly number[] = [0, 0.9];

/** Measures everything that the options name. Throws when contenders do not compute the same. */
export async function measure(options: BenchOptions, say: (line: string) => void): Promise<Measured> {
  const bench = new Bench(options, say);
  const asked = configurations.filter(({ letter }) => options.configs.includes(letter));
  for (const threads of options.threads) {
    // Anew for each, as for a job of its own: the first model of a process decides how TensorFlow's threads are used.
    for (const configuration of asked) {
      const contenders = new Map<EngineName | PeerName, Competitor>();
      try {
        await bench.start(threads, contenders);
        await bench.configuration(configuration, contenders, threads);
      } finally {
        for (const contender of contenders.values()) await contender.close();
      }
    }
  }
  return bench;
}

class Bench implements Measured {
  readonly rows: Row[] = [];
  readonly profiles: ProfiledCase[] = [];
  readonly versions: Record<string, string> = {};
  readonly settings: Record<string, string> = {};
  readonly notes: string[] = [];
  readonly #options: BenchOptions;
  readonly #say: (line: string) => void;

  constructor(options: BenchOptions, say: (line: string) => void) {
    this.#options = options;
    this.#say = say;
  }

  /** Puts each into `started` as soon as it runs, so that it is ended even where the next cannot start. */
  async start(threads: number, started: Map<EngineName | PeerName, Competitor>): Promise<void> {
    for (const name of [...this.#options.engines, ...this.#options.peers]) {
      // The backends of stock TensorFlow.js in JavaScript and WebAssembly have one thread in Node.
      if ((name === 'tfjs-wasm' || name === 'tfjs-cpu') && threads !== 1) continue;
      try {
        const contender = await startContender(name, threads);
        started.set(name, contender);
        Object.assign(this.versions, (await contender.ask({ do: 'hello' })).versions);
      } catch (error) {
        // tfjs-node cannot be built everywhere; the others are what this is about.
        if (name !== 'tensorflow' && name !== 'tfjs-node') throw error;
        await started.get(name)?.close();
        started.delete(name);
        this.#note(`${name} was not measured: ${(error as Error).message.split('\n')[0]}`);
      }
    }
  }

  #note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text);
  }

  async configuration(configuration: Configuration, contenders: Started, threads: number): Promise<void> {
    const folder = join(tmpdir(), `lstm-pruner-bench-${process.pid}-${configuration.letter}`);
    writeWorkload(folder, makeWorkload(configuration));
    try {
      for (const pass of configuration.passes) {
        if (this.#options.passes.includes(pass))
          await this.#pass({ configuration, pass, threads, folder }, contenders);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  async #pass(setup: Setup, contenders: Started): Promise<void> {
    const values = new Map<string, number>();
    const peers: [PeerName, Competitor][] = [];
    for (const name of this.#options.peers) {
      const peer = contenders.get(name);
      if (!peer || !takesPart(name, setup)) continue;
      values.set(name, await this.#prepare(peer, name, setup, 0));
      peers.push([name, peer]);
    }
    for (const [i, sparsity] of this.#options.levels.entries()) {
      const engines: [EngineName, Competitor][] = [];
      for (const name of this.#options.engines) {
        const contender = contenders.get(name);
        if (!contender || !takesPart(name, setup, sparsity)) continue;
        const value = await this.#prepare(contender, name, setup, sparsity);
        if (sparsity === 0) values.set(name, value);
        engines.push([name, contender]);
      }
      checkAlike(values, setup);
      // The slow ones are measured once; their time does not depend on what ours leaves out.
      const against = peers.filter(([name]) => i === 0 || !name.startsWith('tfjs'));
      await this.#level(setup, sparsity, engines, against);
    }
  }

  async #prepare(
    contender: Competitor,
    name: EngineName | PeerName,
    { configuration, pass, threads, folder }: Setup,
    sparsity: number,
  ): Promise<number> {
    const { setting, value } = await contender.ask({ do: 'prepare', configuration, pass, folder, sparsity });
    this.settings[`${configuration.letter} ${pass}, ${threads} threads, ${name}`] = setting;
    await warm(runnerOf(name, contender));
    return value;
  }

  async #level(
    { configuration: { letter: config }, pass, threads }: Setup,
    sparsity: number,
    engines: readonly [EngineName, Competitor][],
    peers: readonly [PeerName, Competitor][],
  ): Promise<void> {
    const runners = [...engines, ...peers].map(([name, contender]) => runnerOf(name, contender));
    const timings = await takeTurns(runners, this.#options.runs);
    const parts = runners.map(({ name }, i) => `${name} ${timings[i].ms.toFixed(1)}`);
    this.#say(`${config} ${pass} ${threads}T ${sparsity * 100} %: ${parts.join(', ')} ms`);
    for (const [i, [engine, contender]] of engines.entries()) {
      const base = { config, pass, sparsity, threads, engine };
      const { ms, min } = timings[i];
      for (const [j, [peer]] of peers.entries()) {
        const { ms: peerMs, min: peerMin } = timings[engines.length + j];
        this.rows.push({ ...base, ms, min, peer, peerMs, peerMin, ratio: peerMs / ms });
      }
      const verdicts = judge(this.rows, []).filter(
        ({ target }) =>
          target.config === config &&
          target.pass === pass &&
          target.threads === threads &&
          target.engine === engine,
      );
      const missed = verdicts.some(
        ({ target, reached }) => target.sparsity === sparsity && reached === false,
      );
      if (!missed && !alwaysProfiled.includes(sparsity)) continue;
      const profile = await contender.ask({ do: 'profile', ms: profiled / 2 });
      this.profiles.push({
        ...base,
        ms: profile.ms,
        ...(profile.kernels !== undefined && { overhead: 1 - profile.kernels }),
        functions: profile.functions.slice(0, 12),
      });
    }
  }
}

function runnerOf(name: EngineName | PeerName, contender: Competitor): Runner {
  return { name, run: async (steps) => (await contender.ask({ do: 'run', steps })).ms };
}

interface Setup {
  readonly configuration: Configuration;
  readonly pass: Pass;
  readonly threads: number;
  readonly folder: string;
}

/** Stock TensorFlow.js is measured where it takes seconds, not minutes; our engine on TensorFlow does not use zeros. */
function takesPart(name: EngineName | PeerName, { configuration, pass }: Setup, sparsity = 0): boolean {
  if (name === 'onnxruntime') return pass === 'forward';
  if (name.startsWith('tfjs')) return configuration.letter === 'a' || configuration.letter === 'd';
  return name !== 'tensorflow' || sparsity === 0 || sparsity === 0.9;
}

/** Dense, all compute the same loss, or outputs of the same mean square. Throws where they do not. */
function checkAlike(values: ReadonlyMap<string, number>, { configuration, pass }: Setup): void {
  const [[reference, expected] = ['', 0]] = values;
  for (const [name, value] of values) {
    if (Math.abs(value - expected) <= 1e-3 * Math.abs(expected)) continue;
    throw new Error(
      `${configuration.letter} ${pass}: ${name} computes ${value}, ${reference} ${expected}; times of different things say nothing`,
    );
  }
}
