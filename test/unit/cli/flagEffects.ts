import assert from 'node:assert/strict';
import type { PruneReport } from '../../../extension/protocol/report.ts';
import { small } from '../../support/smallModels.ts';

const { inputs, hidden } = small;
const gatesOf = ({ layers }: PruneReport['after']) => Object.values(layers[0].gates);

interface FlagEffect {
  readonly args: readonly string[];
  check(report: PruneReport): void;
}

/** What each flag changes in the report of the small model, pruned with these files of data. */
export const flagEffects = ({
  data,
  xFile,
  yFile,
}: Record<'data' | 'xFile' | 'yFile', string>): FlagEffect[] => [
  { args: ['--sparsity', '0.25'], check: ({ after }) => assert.equal(after.sparsity, 0.25) },
  {
    args: ['--criterion', 'threshold', '--k', '1'],
    check: ({ recipe, after }) => {
      assert.deepEqual([recipe.k, recipe.scope], [1, 'matrix']);
      assert.ok(after.sparsity > 0.3 && after.sparsity < 0.7);
    },
  },
  {
    args: ['--sparsity', '0.5', '--scope', 'gate', '--gates', 'i=0,f=1'],
    check: ({ after }) => {
      const { i, f, c } = after.layers[0].gates;
      const zeros = [i, f, c]
        .flatMap((gate) => gate ?? [])
        .map(({ kernel, recurrent }) => kernel.zeros + recurrent.zeros);
      assert.deepEqual(zeros, [0, hidden * (inputs + hidden), (hidden * (inputs + hidden)) / 2]);
    },
  },
  {
    args: ['--sparsity', '0.5', '--granularity', 'weight', '--schedule', 'oneshot'],
    check: ({ recipe }) => assert.deepEqual([recipe.granularity, recipe.schedule], ['weight', 'oneshot']),
  },
  ...(
    [
      ['--max-parameters', 100],
      ['--max-bytes', 400],
      // 4 steps of the 68 weights that 20 biases and 12 weights of the dense layer leave, and 10 of these once.
      ['--max-multiply-adds', 282],
    ] as const
  ).map(([flag, most]) => ({
    args: [flag, String(most)],
    check: ({ after }: PruneReport) => assert.equal(after.sizes.nonzero, 100),
  })),
  {
    args: ['--granularity', 'block', '--block', '5x3', '--sparsity', '0.25'],
    check: ({ after }) => {
      const zeros = gatesOf(after).map(({ kernel }) => kernel.zeros);
      assert.ok(zeros.every((count) => count === 0 || count === 15) && zeros.includes(15), `${zeros}`);
    },
  },
  {
    args: ['--granularity', 'n:m', '--pattern', '1:5'],
    check: ({ after }) => {
      for (const { kernel, recurrent } of gatesOf(after))
        assert.deepEqual([kernel.size - kernel.zeros, recurrent.size - recurrent.zeros], [5, 5]);
    },
  },
  {
    args: ['--granularity', 'bank', '--bank', '5', '--sparsity', '0.4'],
    check: ({ after }) => {
      for (const { recurrent } of gatesOf(after)) assert.equal(recurrent.zeros, 10);
    },
  },
  {
    args: ['--sparsity', '1', '--keep-diagonal'],
    check: ({ after }) => {
      for (const { kernel, recurrent } of gatesOf(after))
        assert.deepEqual([kernel.zeros, recurrent.zeros], [15, 20]);
    },
  },
  {
    args: ['--sparsity', '0', '--targets', 'lstm/kernel=1,lstm/kernel/c=0'],
    check: ({ after }) =>
      assert.deepEqual(
        gatesOf(after).map(({ kernel }) => kernel.zeros),
        [15, 15, 0, 15],
      ),
  },
  {
    args: ['--sparsity', '0.5', '--include', 'dense', '--exclude', 'lstm'],
    check: ({ after, recipe }) => {
      assert.deepEqual([recipe.include, recipe.exclude], ['dense', 'lstm']);
      assert.deepEqual(
        after.included?.map(({ name, size, zeros }) => [name, size, zeros]),
        [['dense/kernel', 10, 5]],
      );
      assert.equal(after.sparsity, 5 / 170);
    },
  },
  {
    args: ['--sparsity', '0.5', '--regrow-zeros'],
    check: ({ recipe }) => assert.equal(recipe.regrowZeros, true),
  },
  {
    args: ['--sparsity', '0.4', '--granularity', 'unit', '--shrink'],
    check: ({ after }) => assert.equal(after.layers[0].hiddenSize, 3),
  },
  {
    args: ['--sparsity', '0.5', '--criterion', 'taylor', '--data', data, '--samples', '4'],
    check: ({ recipe }) => assert.equal(recipe.samples, 4),
  },
  {
    args: ['--sparsity', '0.5', '--seed', '7'],
    check: ({ recipe, after }) => {
      assert.equal(recipe.seed, 7);
      assert.ok((after.divergence?.value ?? 0) > 0);
    },
  },
  {
    args: ['--sparsity', '0.5', '--engine', 'wasm', '--threads', '1'],
    check: ({ recipe, engine }) => {
      assert.deepEqual([recipe.engine, recipe.threads], ['wasm', 1]);
      assert.ok(engine);
    },
  },
  {
    args: [
      ...[
        '--sparsity',
        '0.5',
        '--data',
        data,
        '--epochs',
        '3',
        '--optimizer',
        'sgd',
        '--learning-rate',
        '0.05',
      ],
      ...['--momentum', '0.9', '--decay', 'linear', '--clip-norm', '1', '--patience', '3', '--resume'],
    ],
    check: ({ recipe, finetune }) => {
      const { optimizer, learningRate, momentum, decay, clipNorm, patience, resume } = recipe;
      assert.deepEqual(
        [optimizer, learningRate, momentum, decay, clipNorm, patience, resume],
        ['sgd', 0.05, 0.9, 'linear', 1, 3, true],
      );
      assert.deepEqual(
        finetune?.epochs.map(({ learningRate }) => learningRate.toFixed(4)),
        ['0.0500', '0.0333', '0.0167'],
      );
      assert.equal(finetune?.optimizer, 'sgd');
    },
  },
  {
    args: ['--sparsity', '0.5', '--data', data, '--epochs', '1', '--l1', '0.5', '--l2', '0.5', '--no-resume'],
    check: ({ recipe, finetune }) => {
      assert.deepEqual([recipe.l1, recipe.l2, recipe.resume], [0.5, 0.5, false]);
      assert.equal(finetune?.epochs.length, 1);
    },
  },
  {
    // Seven steps an epoch.
    args: [
      ...['--sparsity', '0.5', '--data', data, '--epochs', '4', '--batch', '2', '--schedule', 'polynomial'],
      ...['--initial-sparsity', '0.25', '--begin', '7', '--end', '14', '--frequency', '7', '--power', '1'],
    ],
    check: ({ finetune }) => {
      const sparsities = finetune?.epochs.map(({ sparsity }) => sparsity);
      assert.deepEqual(sparsities, [0, 0.25, 0.5, 0.5]);
      assert.deepEqual(finetune?.masks, { updates: 2, lastStep: 14, regrown: 0 });
    },
  },
  {
    args: [
      ...[
        '--sparsity',
        '0.5',
        '--data',
        data,
        '--epochs',
        '2',
        '--decay',
        'linear',
        '--schedule',
        'iterative',
      ],
      ...['--rounds', '2', '--rewind', 'rate'],
    ],
    check: ({ finetune }) => {
      const [first, second] = finetune?.epochs ?? [];
      assert.ok(first.sparsity > 0.25 && first.sparsity < 0.5);
      assert.deepEqual([second.sparsity, second.learningRate], [0.5, first.learningRate]);
    },
  },
  {
    args: [
      ...['--sparsity', '0.5', '--data', data, '--epochs', '2', '--batch', '2', '--schedule', 'rigl'],
      ...['--drop-fraction', '0.5'],
    ],
    check: ({ recipe, finetune }) => {
      assert.equal(recipe.dropFraction, 0.5);
      assert.ok((finetune?.masks?.regrown ?? 0) > 0);
    },
  },
  {
    args: [
      ...['--sparsity', '0.5', '--data', data, '--epochs', '1', '--recovery', 'distillation'],
      ...['--match', 'kl', '--temperature', '3', '--mix', '0.25'],
    ],
    check: ({ finetune }) => {
      const { recovery, match, temperature, mix } = finetune ?? {};
      assert.deepEqual([recovery, match, temperature, mix], ['distillation', 'kl', 3, 0.25]);
    },
  },
  {
    // So strong that no row is left after a step.
    args: [
      ...['--sparsity', '0.5', '--granularity', 'row', '--data', data, '--epochs', '1'],
      ...['--group-lasso', '1000'],
    ],
    check: ({ after }) => assert.equal(after.sparsity, 1),
  },
  {
    args: ['--sparsity', '0.5', '--compress'],
    check: ({ recipe }) => assert.equal(recipe.compress, true),
  },
  {
    args: [
      '--sparsity',
      '0.5',
      '--x',
      xFile,
      '--y',
      yFile,
      '--split',
      'all',
      '--batch',
      '3',
      '--loss',
      'sparse_categorical_crossentropy',
    ],
    check: (report) => {
      assert.deepEqual([report.data?.split, report.data?.samples], ['all', 20]);
    },
  },
];
