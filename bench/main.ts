// npm run bench: measures, shows, and writes results.json and README.md.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, release, type } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernelSourcesHash } from '../extension/engine/wasm/kernelSources.ts';
import { describeCpu } from './machine.ts';
import { measure } from './measure.ts';
import { type BenchOptions, parseOptions, usage } from './options.ts';
import { drawReadme } from './readme.ts';
import type { Results } from './results.ts';

async function bench(options: BenchOptions): Promise<Results> {
  const start = performance.now();
  const { rows, profiles, versions, settings, notes } = await measure(options, (line) => console.error(line));
  return {
    environment: {
      date: new Date().toISOString().slice(0, 10),
      cpu: describeCpu(),
      cores: availableParallelism(),
      system: `${type()} ${release()}`,
      versions,
      kernels: (await kernelSourcesHash(new URL('../extension/kernels/', import.meta.url))).slice(0, 12),
      runs: options.runs,
      settings,
      notes,
      minutes: (performance.now() - start) / 60_000,
    },
    rows,
    profiles,
  };
}

/** Runs on other machines, which are kept beside the last one. */
function earlierRuns(): Map<string, Results> {
  const folder = join(here, 'earlier');
  return new Map(
    readdirSync(folder).map((name) => [
      `earlier/${name}`,
      JSON.parse(readFileSync(join(folder, name), 'utf8')),
    ]),
  );
}

const here = fileURLToPath(new URL('.', import.meta.url));
if (process.argv.includes('--help')) console.log(usage);
else {
  try {
    const options = parseOptions(process.argv.slice(2), here);
    // The kernels that are measured are those of the sources.
    execFileSync(process.execPath, [fileURLToPath(new URL('../scripts/buildKernels.mjs', import.meta.url))]);
    const results = await bench(options);
    const readme = drawReadme(results, earlierRuns());
    if (options.out === undefined) console.log(readme);
    else {
      mkdirSync(options.out, { recursive: true });
      writeFileSync(join(options.out, 'results.json'), `${JSON.stringify(results, undefined, 1)}\n`);
      writeFileSync(join(options.out, 'README.md'), readme);
      console.log(`Wrote results.json and README.md to ${options.out}`);
    }
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
