// Losses and steps of training with what regularizers add, judged by real Keras.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openNpz } from '../../extension/data/npz.ts';
import { cpuEngine } from '../../extension/engine/cpu/engine.ts';
import { createTrainingSession } from '../../extension/engine/createSession.ts';
import type { TrainingSession } from '../../extension/engine/session.ts';
import { trainingSession } from '../../extension/engine/trainingSession.ts';
import { openModel } from '../../extension/formats/open.ts';
import type { Graph } from '../../extension/model/graph.ts';
import type { OptimizerSettings } from '../../extension/model/optimizer.ts';
import type { Tensor } from '../../extension/model/tensor.ts';
import type { ConvertReport } from '../../extension/protocol/conversion.ts';
import type { EvaluateReport, PruneReport } from '../../extension/protocol/report.ts';
import { chooseLoss } from '../../extension/training/losses/choose.ts';
import { withLoss } from '../../extension/training/lossGraph.ts';
import { outputKind } from '../../extension/training/output.ts';
import { runCliJson, runPython, scratchFolder } from './environment.ts';

/** Models of regularized.py, and which of them are trained. */
const models = { recurrent: true, wrapped: true, shared: true, normalized: false };
const learningRate = 0.05;
const descent: OptimizerSettings = { name: 'sgd', momentum: 0, nesterov: false };

interface Judged {
  readonly name: keyof typeof models;
  readonly loss: number;
  readonly stepLoss: number;
}

type Open = (graph: Graph) => Promise<TrainingSession>;
const engines: Record<string, Open> = {
  WebAssembly: (graph) => createTrainingSession(graph, { engine: 'wasm', optimizer: descent }),
  'TensorFlow.js': (graph) => trainingSession(graph, cpuEngine, descent, []),
};

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
        assertNear(loss, judged().loss, 'loss');
        assert.ok((metrics.penalty ?? 0) > 0.01 * loss, 'regularizers have a share in it');
        assert.deepEqual(
          notes.map(({ code }) => code),
          ['notePenalties'],
        );
      });
    }

    test('so is that of what was pruned, which costs less', () => {
      const { report, loss } = pruned.get(name) ?? assert.fail();
      assertNear(report.before.loss, judged().loss, 'before');
      assertNear(report.after.loss, loss, 'after');
      const [before, after] = [report.before, report.after].map(({ metrics }) => metrics?.penalty ?? 0);
      assert.ok(after < before, `${after} is not less than ${before}`);
    });

    if (!trained) return;
    for (const [engine, open] of Object.entries(engines)) {
      test(`one step of ${engine} has the loss and leads to the weights of Keras`, async () => {
        const model = await openModel(file('keras'));
        const arrays = await openNpz(file('npz'));
        const inputs = [await arrays.get('x_test')?.read(), await arrays.get('y_test')?.read()] as Tensor[];
        const [, targets] = inputs;
        const { graph, training } = model;
        assert.ok(graph);
        const { loss } = chooseLoss({ training, output: outputKind(graph), targets, file: name });
        const session = await open(withLoss(graph, loss, targets).graph);
        const step = await session.step({ inputs }, { learningRate, regularized: true });
        assertNear(step.loss, judged().stepLoss, 'loss');
        const weights = await session.weights();
        await session.dispose();
        const expected = await openModel(file('trained.keras'));
        for (const [i, parameter] of model.parameters.entries()) {
          const [present, wanted] = [await parameter.read(), await expected.parameters[i].read()];
          const found = weights.get(parameter) ?? present;
          // Of the move, not of the weight.
          const move = largest(wanted.map((value, at) => value - present[at]));
          const off = largest(wanted.map((value, at) => value - found[at]));
          assert.ok(off <= 1e-4 * move + 1e-7, `${parameter.name}: off by ${off} of ${move}`);
        }
        await expected.close();
        await model.close();
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

function assertNear(actual: number | undefined, expected: number, what: string): void {
  const off = Math.abs((actual ?? Number.NaN) - expected);
  assert.ok(off <= 1e-5 * Math.abs(expected), `${what}: ${actual} is not Keras' ${expected}`);
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
