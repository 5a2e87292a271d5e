// Files that the command line pruned, judged by real Keras 3, h5py and numpy.
import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import type { PruneReport } from '../../extension/protocol/report.ts';
import { runCli, runPython, scratchFolder, shared, withoutShared } from './environment.ts';
import { type PruneRun, pruneAll, prunedCases, pruneRuns, sharedRuns } from './pruneRuns.ts';

/** Problems by question; empty where the judge agrees. */
interface Judgement {
  /** Keras opens the original, opens the pruned file. */
  keras: [boolean, boolean];
  weights: string[];
  masks: string[];
  statistics: string[];
  file: string[];
  loss: string[];
}

const questions = {
  masks: 'numpy prunes the same weights and finds the others bit by bit as they were',
  weights: 'Keras finds every other weight as it was',
  file: 'h5py finds everything else in the file as it was',
  statistics: 'numpy counts the zeros that the report counts',
  loss: 'Keras, or numpy for older files, measures the reported losses',
} as const;

const { folder, remove } = await scratchFolder();
after(remove);
await runPython('makeLegacy.py', [folder]);
await runPython('makeModels.py', [folder, ...Object.keys(prunedCases)]);
const legacy = JSON.parse(await readFile(join(folder, 'legacy.json'), 'utf8')) as string[];

interface Judged {
  run: PruneRun;
  report: PruneReport | Error;
  answer?: Judgement;
}

// All is made and judged before the first test is declared: the runner ends a file when its tests have run.
const runs = [...pruneRuns(folder, legacy), ...(withoutShared ? [] : sharedRuns(folder))];
const judgements = await judge(runs, await pruneAll(runs));

describe('files that the command line pruned', () => {
  for (const judged of judgements) test(judged.run.title, (t) => agree(judged, t));
});
test('pruned reference models', { skip: withoutShared }, () => {
  assert.ok(judgements.some(({ run }) => run.original.startsWith(shared)));
});

/** One Python process judges all files. */
async function judge(
  runs: readonly PruneRun[],
  reports: readonly (PruneReport | Error)[],
): Promise<Judged[]> {
  const written = runs.flatMap((run, i) =>
    reports[i] instanceof Error ? [] : [{ ...run, report: reports[i] }],
  );
  const jobs = join(folder, 'jobs.json');
  await writeFile(jobs, JSON.stringify(written));
  const answers = JSON.parse(await runPython('judgePruned.py', [jobs])) as Judgement[];
  return runs.map((run, i) => {
    const answer = answers[written.findIndex(({ pruned }) => pruned === run.pruned)];
    return { run, report: reports[i], ...(answer && { answer }) };
  });
}

async function agree({ run, report, answer }: Judged, t: TestContext): Promise<void> {
  if (report instanceof Error) throw report;
  assert.ok(answer);
  await t.test('Keras opens it if it opened the original', () => {
    assert.equal(answer.keras[1], answer.keras[0]);
    if (run.original.endsWith('.keras')) assert.ok(answer.keras[0], 'Keras should open every .keras file');
  });
  for (const [key, question] of Object.entries(questions)) {
    await t.test(question, () => assert.deepEqual(answer[key as keyof typeof questions], []));
  }
  if (run.recipe.compress && report.before.sizes.file > 100_000) {
    await t.test('compressed, the file is smaller', async () => {
      const [before, now] = [(await stat(run.original)).size, (await stat(run.pruned)).size];
      assert.ok(now < before, `${before} bytes became ${now}`);
      assert.equal(report.after.sizes.file, now);
    });
  }
}

test('a gate that no layer has ends with 2', async () => {
  const model = join(folder, 'loss_binary.keras');
  const { code, stderr } = await runCli(['prune', model, '--sparsity', '0.5', '--gates', 'z=0.5']);
  assert.equal(code, 2, stderr);
  assert.match(stderr, /z/);
});
