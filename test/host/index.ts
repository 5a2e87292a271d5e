import { glob, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Mocha from 'mocha';
import type { HostResults, HostTest } from './results.ts';

/** Called by VS Code in its extension host: runs every test beside this file and writes what came out as JSON. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 30_000, reporter: 'spec' });
  for await (const file of glob('*.test.cjs', { cwd: __dirname })) mocha.addFile(join(__dirname, file));
  await mocha.loadFilesAsync();

  const tests: HostTest[] = [];
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    const record = (test: Mocha.Runnable, outcome: HostTest['outcome'], error?: Error) =>
      tests.push({
        title: test.titlePath().join(' › '),
        outcome,
        milliseconds: test.duration ?? 0,
        ...(error ? { error: error.stack ?? error.message } : {}),
      });
    runner.on('pass', (test) => record(test, 'passed'));
    runner.on('pending', (test) => record(test, 'skipped'));
    runner.on('fail', (test, error) => record(test, 'failed', error));
  });

  const results: HostResults = { tests };
  const file = process.env.LSTM_PRUNER_TEST_RESULTS;
  if (file) await writeFile(file, JSON.stringify(results));
  if (failures > 0) throw new Error(`${failures} failed`);
}
