// npm test: checks and every suite, or one suite: `node scripts/test.mjs unit|package|host|ui|interop|long`.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { run as runNodeTests } from 'node:test';
import { spec } from 'node:test/reporters';
import { chromiumPath } from '../test/support/chromium.ts';
import { runHostTests } from '../test/support/hostTests.ts';
import { installCodeServer } from '../test/support/installCodeServer.ts';
import { shared } from '../test/support/paths.ts';
import { run } from '../test/support/run.ts';
import { addTallies, describeTally } from '../test/support/tally.ts';
import { setupStockTfjs } from './setupBench.mjs';
import { setupPython } from './setupPython.mjs';
import { setupTensorflow } from './setupTensorflow.mjs';
import { buildVsix } from './vsix.mjs';

// A file for each core where nothing is timed; what drives a window has the machine for itself.
const suites = {
  unit: () => nodeTests('unit', { concurrency: availableParallelism() }),
  host: runHostTests,
  package: () => nodeTests('package'),
  ui: () => nodeTests('ui', { concurrency: false }),
  interop: () => nodeTests('interop', { concurrency: availableParallelism() }),
  long: () => nodeTests('long', { concurrency: false }),
};

/** What must be there before a suite can run; a missing piece ends the run before any test. */
const preparations = {
  host: [installCodeServer, chromiumPath],
  package: [buildVsix],
  ui: [installCodeServer, chromiumPath, buildVsix],
  interop: [setupPython, setupTensorflow, setupStockTfjs],
};

const asked = process.argv[2];
if (asked !== undefined && !(asked in suites)) {
  console.error(`There is no suite "${asked}"; use one of: ${Object.keys(suites).join(', ')}`);
  process.exit(2);
}
const names = asked ? [asked] : ['unit', 'host', 'package', 'ui'];

const steps = [['build', () => run(process.execPath, ['esbuild.mjs'])]];
if (!asked) steps.push(['check', () => run('npm', ['run', '--silent', 'check'])]);
for (const name of names) {
  steps.push([
    name,
    async () => {
      for (const prepare of preparations[name] ?? []) await prepare();
      return suites[name]();
    },
  ]);
}

const tallies = [];
for (const [name, work] of steps) {
  console.log(`\n== ${name} ==`);
  const start = performance.now();
  try {
    const tally = await work();
    if (tally) tallies.push(tally);
    console.log(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  } catch (error) {
    // What follows builds on it, so the run ends here.
    console.error(`\n${name} failed: ${error instanceof Error ? error.message : error}`);
    tallies.push({ passed: 0, failed: 1, skipped: 0 });
    break;
  }
}

const total = addTallies(tallies);
const mustNotSkip = existsSync(shared) && total.skipped > 0;
if (mustNotSkip) console.error('\nThe reference models are there, so no test may be skipped.');
console.log(`\n${describeTally(total)}`);
process.exit(total.failed > 0 || mustNotSkip ? 1 : 0);

/** Runs test/NAME with Node's own runner, each file in a process of its own. */
async function nodeTests(name, options = {}) {
  const tests = runNodeTests({ globPatterns: [`test/${name}/**/*.test.ts`], concurrency: true, ...options });
  let tally = { passed: 0, failed: 0, skipped: 0 };
  tests.on('test:summary', ({ file, counts, success }) => {
    if (file !== undefined) return;
    const failed = counts.failed + counts.cancelled;
    // A hook can fail where no test does.
    tally = {
      passed: counts.passed,
      failed: success ? failed : Math.max(failed, 1),
      skipped: counts.skipped + counts.todo,
    };
  });
  const skipped = [];
  tests.on('test:pass', ({ name: title, skip }) => {
    if (skip !== undefined)
      skipped.push(typeof skip === 'string' ? `${title} (${skip.replace(/^skipped: /, '')})` : title);
  });
  for await (const text of tests.compose(spec())) process.stdout.write(text);
  for (const title of skipped) console.log(`skipped: ${title}`);
  if (tally.passed + tally.failed + tally.skipped === 0) throw new Error(`test/${name} holds no tests`);
  return tally;
}
