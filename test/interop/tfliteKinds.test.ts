// Kinds of recurrent operators that no converter makes, put together by TensorFlow Lite's own schema: what its interpreter computes we
// compute the same, integers bit for bit, or we name what is missing; what it refuses we refuse. All are inspected and pruned.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openModel } from '../../extension/formats/open.ts';
import { inspect } from '../../extension/jobs/inspect.ts';
import { prune } from '../../extension/jobs/prune.ts';
import { recordedContext } from '../support/jobContext.ts';
import { floats } from '../support/npy.ts';
import { runPython, scratchFolder } from './environment.ts';
import { forward, largestDifference } from './forward.ts';
import { type PackedArray, unpacked } from './packedArray.ts';

interface Kind {
  readonly name: string;
  readonly operator: 'lstm' | 'both_lstm' | 'rnn' | 'both_rnn';
  readonly numbers: 'float' | 'hybrid' | 'int8';
  readonly parts: readonly string[];
  readonly path: string;
  readonly inputs: readonly PackedArray[];
  /** Absent where the interpreter refuses the model. */
  readonly outputs?: readonly PackedArray[];
}

const { folder, remove } = await scratchFolder();
after(remove);
await runPython('tfliteKinds.py', [folder]);
const kinds = JSON.parse(await readFile(join(folder, 'kinds.json'), 'utf8')) as Kind[];

/** Of what the interpreter computes and we do not, or reads as something else than the file says, or refuses. */
const reasons: Readonly<Record<string, string>> = {
  by_rows_lstm_hybrid: 'reasonInputType',
  by_rows_lstm_int8: 'reasonInputType',
  by_rows_rnn_hybrid: 'reasonInputType',
  shifted_lstm_hybrid: 'reasonInputType',
  shifted_lstm_int8: 'reasonInputType',
  both_lstm_float_wide: 'reasonAuxiliaryShape',
  both_rnn_float_steps_first_wide: 'reasonAuxiliaryShape',
  both_rnn_float_second: 'reasonAuxiliaryIgnored',
  both_rnn_hybrid_second: 'reasonAuxiliaryIgnored',
  both_lstm_hybrid_auxiliary: 'reasonAuxiliaryIntegers',
  both_rnn_hybrid_auxiliary: 'reasonAuxiliaryIntegers',
  both_rnn_hybrid_steps_first: 'reasonStepsRepeated',
  some_auxiliary_both_lstm_float: 'reasonSomeAuxiliary',
  lstm_int8_diagonal: 'reasonInputType',
  some_diagonals_lstm_float: 'reasonSomeDiagonals',
  some_normalizations_lstm_float: 'reasonSomeNormalizations',
  some_normalizations_lstm_int8: 'reasonSomeNormalizations',
  some_peepholes_lstm_float: 'reasonSomePeepholes',
  some_peepholes_lstm_int8: 'reasonSomePeepholes',
  eight_bit_peepholes_lstm_int8: 'reasonInputType',
  no_intermediates_lstm_int8: 'reasonIntermediates',
  coarse_cell_lstm_int8: 'reasonCellScale',
};

function reasonOf({ name, operator, numbers }: Kind): string | undefined {
  if (numbers === 'int8' && operator !== 'lstm') return 'reasonFloatInputs';
  return reasons[name];
}

/** In integers nothing is lost. */
function assertSame(kind: Kind, found: Parameters<typeof largestDifference>[0], outputs: PackedArray): void {
  const expected = unpacked(outputs);
  assert.deepEqual([...found.shape], [...expected.shape]);
  const worst = largestDifference(found, expected);
  assert.ok(worst <= (kind.numbers === 'int8' ? 0 : 1e-5), `${kind.name}: largest difference ${worst}`);
}

interface Written {
  readonly kind: Kind;
  readonly path: string;
  readonly inputs: readonly PackedArray[];
}

/** Asserts that the interpreter computes with files what we compute. */
async function assertJudged(files: readonly Written[]): Promise<void> {
  const [list, answers] = [join(folder, 'files.json'), join(folder, 'answers.json')];
  await writeFile(list, JSON.stringify(files.map(({ path, inputs }) => ({ path, inputs }))));
  await runPython('runTflite.py', [list, answers]);
  const judged = JSON.parse(await readFile(answers, 'utf8')) as { outputs: PackedArray }[];
  for (const [i, { kind, path, inputs }] of files.entries()) {
    const [found] = await forward(path, inputs.map(unpacked));
    assertSame(kind, found, judged[i].outputs);
  }
}

/** What of a layer is trained that no other format has. */
const trained = [
  'lstm_float_normalization',
  'lstm_hybrid_normalization',
  'lstm_int8_normalization',
  'lstm_float_diagonal',
  'both_lstm_float_auxiliary',
  'both_rnn_float_auxiliary',
];

describe('a recurrent operator of TensorFlow Lite', () => {
  for (const kind of kinds) {
    const { name, path, inputs, outputs } = kind;
    const reason = reasonOf(kind);
    if (reason !== undefined)
      test(`${name} is refused by name, and has its gates`, async () => {
        const model = await openModel(path);
        try {
          assert.equal(model.notEvaluable?.code, 'operatorUseUnsupported');
          assert.equal(model.notEvaluable?.cause?.code, reason);
          assert.deepEqual([model.layers[0].inputSize, model.layers[0].hiddenSize], [5, 13]);
        } finally {
          await model.close();
        }
      });
    else
      test(`${name} puts out what the interpreter puts out`, async () => {
        assert.ok(outputs, 'the interpreter computes it');
        const [found] = await forward(path, inputs.map(unpacked));
        assertSame(kind, found, outputs[0]);
      });
  }

  test('has no dead units where its gates are normalised, even where all of them are 0', async () => {
    const kind = kinds.find(({ name }) => name === 'constant_sums_lstm_float');
    assert.ok(kind);
    const report = await inspect({ path: kind.path }, recordedContext());
    assert.deepEqual([report.layers[0].sparsity, report.layers[0].deadUnits], [1, []]);
  });

  test('is pruned whatever its kind, and runs in the interpreter with what we compute', async () => {
    const pruned: Written[] = [];
    for (const kind of kinds) {
      const output = join(folder, `${kind.name}.pruned.tflite`);
      const report = await prune({ path: kind.path, output, recipe: { sparsity: 0.5 } }, recordedContext());
      const wanted = Math.max(0.5, report.before.sparsity);
      assert.ok(Math.abs(report.after.sparsity - wanted) < 0.02, `${kind.name}: ${report.after.sparsity}`);
      assert.equal((await readFile(output)).length, (await readFile(kind.path)).length, kind.name);
      if (kind.outputs) pruned.push({ kind, path: output, inputs: kind.inputs });
    }
    await assertJudged(pruned.filter(({ kind }) => reasonOf(kind) === undefined));
  });

  test('is fine-tuned towards other outputs, and runs in the interpreter with what was learned', async () => {
    const written: Written[] = [];
    for (const name of trained) {
      const kind = kinds.find((one) => one.name === name);
      assert.ok(kind?.outputs);
      const [x, y] = ['x', 'y'].map((array) => join(folder, `${name}.${array}.npy`));
      const [input, output] = [kind.inputs[0], kind.outputs[0]].map(unpacked);
      await writeFile(x, floats(input.shape, [...input.data]));
      await writeFile(
        y,
        floats(
          output.shape,
          [...output.data].map((value) => value / 2),
        ),
      );
      const path = join(folder, `${name}.trained.tflite`);
      const recipe = { sparsity: 0.5, epochs: 8, learningRate: 0.02, batch: 1, x, y, split: 'all' } as const;
      const report = await prune({ path: kind.path, output: path, recipe }, recordedContext());
      const losses = [report.pruned.loss, report.after.loss].map((loss) => loss ?? Number.NaN);
      assert.ok(losses[1] < 0.95 * losses[0], `${name}: ${losses}`);
      written.push({ kind, path, inputs: kind.inputs });
    }
    await assertJudged(written);
  });
});
