// Losses and steps of training with what regularizers add, judged by real Keras.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ConvertReport } from '../../extension/protocol/conversion.ts';
import type { EvaluateReport, PruneReport } from '../../extension/protocol/report.ts';
import { runCliJson, runPython, scratchFolder } from './environment.ts';
import { assertLoss, engines, stepLikeKeras } from './kerasStep.ts';

/** Models of regularized.py, and which of them are trained. */
const models = { recurrent: true, wrapped: true, shared: true, normalized: false };
interface Judged {
  readonly name: keyof typeof models;
  readonly loss: number;
  readonly stepLoss: number;
}

let folder: string;
let remove: () => Promise<void>;
let keras: Map<string, Judged>;
const pruned = new Map<string, { readonly report: PruneReport; readonly loss: number }>();

before(async () => {
  ({ folder, remove } = await scratchFolder());
  const made = JSON.parse(await runPython('regularized.py', [folder])) as Judged[];
  keras = new Map(made.map((one) => [one.name, one]));
  assert.deepEqual([...keras.keys()], Object.keys(models));
  const reports: PruneReport[] = [];
  for (const name of keras.keys()) {
    const [model, output, data] = ['keras', 'pruned.keras', 'npz'].map((suffix) => fileOf(name, suffix));
    const args = ['prune', model, '--out', output, '--data', data, '--sparsity', '0.6'];
    reports.push(await runCliJson<PruneReport>(args));
  }
  const losses = JSON.parse(await runPython('regularized.py', ['--evaluate', folder])) as number[];
  for (const [i, name] of [...keras.keys()].entries())
    pruned.set(name, { report: reports[i], loss: losses[i] });
});
after(() => remove());

for (const [name, trained] of Object.entries(models)) {
  describe(name, () => {
    const file = (suffix: string) => fileOf(name, suffix);
    const judged = () => keras.get(name) as Judged;

    for (const suffix of ['keras', 'h5']) {
      test(`the loss of the .${suffix} file is that of evaluate()`, async () => {
        const { loss, metrics, notes } = await evaluated(file(suffix), file('npz'));
        assertLoss(loss, judged().loss);
        assert.ok((metrics.penalty ?? 0) > 0.01 * loss, 'regularizers have a share in it');
        assert.deepEqual(
          notes.map(({ code }) => code),
          ['notePenalties'],
        );
      });
    }

    test('so is that of what was pruned, which costs less', () => {
      const { report, loss } = pruned.get(name) ?? assert.fail();
      assertLoss(report.before.loss, judged().loss, 'before');
      assertLoss(report.after.loss, loss, 'after');
      const [before, after] = [report.before, report.after].map(({ metrics }) => metrics?.penalty ?? 0);
      assert.ok(after < before, `${after} is not less than ${before}`);
    });

    if (!trained) return;
    for (const [engine, open] of Object.entries(engines)) {
      test(`one step of ${engine} has the loss and leads to the weights of Keras`, async () => {
        assertLoss(await stepLikeKeras(join(folder, name), ['x_test', 'y_test'], open), judged().stepLoss);
      });
    }
  });
}

test('what is converted is without them, and says so', async () => {
  const args = ['convert', fileOf('recurrent', 'keras'), '--out', fileOf('recurrent', 'onnx')];
  const { notes } = await runCliJson<ConvertReport>(args);
  const named = { layers: 'embedding, lstm, gru, dense' };
  assert.deepEqual(notes[0], { code: 'notePenaltiesNotConverted', args: named });
});

function fileOf(name: string, suffix: string): string {
  return join(folder, `${name}.${suffix}`);
}

function evaluated(model: string, data: string): Promise<EvaluateReport> {
  return runCliJson<EvaluateReport>(['evaluate', model, '--data', data]);
}
