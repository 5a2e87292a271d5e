import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import type { Recipe } from '../../extension/protocol/recipe.ts';
import type { PruneReport } from '../../extension/protocol/report.ts';
import { repository, runCliJson, shared } from './environment.ts';

/** One call of `lstm-pruner prune` whose output is judged. */
export interface PruneRun {
  title: string;
  original: string;
  pruned: string;
  recipe: Recipe;
  data?: { file: string; x: string[]; y: string };
}

/** Cases of modelCases.py that are pruned; those with inputs listed are compiled and evaluated as well. */
export const prunedCases: Record<string, number> = {
  loss_binary: 1,
  loss_sparse_steps: 1,
  loss_categorical_logits: 1,
  several_inputs: 3,
  Masking_LSTM_return_sequences: 1,
  Masking_GRU_go_backwards: 1,
  GRU_reset_before_True_False: 0,
  LSTM_use_bias: 0,
  LSTM_one_unit: 0,
  LSTM_GRU_RNN: 0,
  many_layers: 0,
  wide: 0,
  functional_odd_names: 0,
  shared_layers: 0,
  nested_thrice: 0,
  shared_nested_model: 0,
  mask_out_of_nested: 0,
  Bidirectional_LSTM_concat_last: 1,
  Bidirectional_GRU_sum_sequence_masked: 1,
  residual: 1,
  named_Conv1D: 0,
  dtype_bfloat16: 0,
  dtype_float16: 0,
  dtype_float64: 0,
};

const lstmRecipes: Recipe[] = [
  { sparsity: 0.8, scope: 'layer' },
  { sparsity: 0.55, scope: 'gate', compress: true },
  { sparsity: 0.33, scope: 'matrix' },
  { sparsity: 0.9, scope: 'global', compress: true },
  { criterion: 'threshold', k: 0.7, scope: 'matrix' },
];

/** All runs: Keras 3 files of both formats, older files, the example and, where it is there, the reference models. */
export function pruneRuns(folder: string, legacy: readonly string[]): PruneRun[] {
  const runs: PruneRun[] = [];
  const add = (original: string, recipe: Recipe, data?: PruneRun['data']) => {
    const name = basename(original);
    const pruned = join(folder, `${runs.length}-${name.replace(/(\.[^.]+)$/, '.pruned$1')}`);
    runs.push({
      title: `${name} ${flagsOf(recipe).join(' ')}`,
      original,
      pruned,
      recipe,
      ...(data && { data }),
    });
  };
  let turn = 0;
  const nextRecipe = () => lstmRecipes[turn++ % lstmRecipes.length];

  for (const [name, inputs] of Object.entries(prunedCases)) {
    const x = Array.from({ length: inputs }, (_, i) => `x${i}`);
    const data = inputs > 0 ? { file: join(folder, `${name}.npz`), x, y: 'y' } : undefined;
    for (const suffix of ['keras', 'h5']) {
      // Keras 3 writes these as .h5, but opens the first no more and leaves out what type the other's bytes are.
      if (suffix === 'h5' && ['mask_out_of_nested', 'dtype_bfloat16'].includes(name)) continue;
      const recipe = nextRecipe();
      // The HDF5 library cannot create half floats anew.
      const halves = name === 'dtype_bfloat16' || name === 'dtype_float16';
      add(join(folder, `${name}.${suffix}`), halves ? { ...recipe, compress: false } : recipe, data);
    }
  }
  const everyScope = join(folder, 'LSTM_GRU_RNN.keras');
  for (const recipe of lstmRecipes) add(everyScope, recipe);
  for (const scope of ['layer', 'global', 'matrix'] as const) {
    add(everyScope, { sparsity: 0.4, scope, gates: { i: 0.9, f: 0.75, h: 0.6 } });
    add(join(folder, 'ties_and_zeros.h5'), { sparsity: 0.5, scope });
  }
  add(join(folder, 'ties_and_zeros.h5'), { sparsity: 0.05, scope: 'gate' }); // below what is zero already
  add(everyScope, { sparsity: 0 });
  add(everyScope, { sparsity: 1, scope: 'gate' });
  for (const name of legacy) {
    const data = { file: join(folder, `${name}.npz`), x: ['x_test'], y: 'y_test' };
    for (let i = 0; i < 2; i++) add(join(folder, `${name}.h5`), nextRecipe(), data);
  }
  const reber = join(repository, 'examples/reber/reber');
  const strings = { file: `${reber}.npz`, x: ['x_test'], y: 'y_test' };
  add(`${reber}.keras`, { sparsity: 0.8 }, strings);
  add(`${reber}.keras`, { sparsity: 0.7, gates: { c: 0.4 }, compress: true }, strings);
  return runs;
}

/** The same for the models of ../shared. */
export function sharedRuns(folder: string): PruneRun[] {
  const [predmaint, circuits, data] = ['models/predmaint', 'models/circuitrnn', 'data'].map((name) =>
    join(shared, name),
  );
  const recipes: Recipe[] = [
    { sparsity: 0.8 },
    { sparsity: 0.8, gates: { i: 0.9, f: 0.9, c: 0.6 }, compress: true },
  ];
  const test = (name: string) => ({ file: join(data, `${name}.npz`), x: ['x_test'], y: 'y_test' });
  return (
    [
      [join(predmaint, 'binary_model.h5'), recipes, test('cmapss_failure_within_30')],
      [join(predmaint, 'regression_model.h5'), recipes, test('cmapss_remaining_life')],
      [join(circuits, 'lstm_model.h5'), recipes, undefined],
      [
        join(circuits, 'gru_model.h5'),
        [{ sparsity: 0.6, scope: 'global', gates: { z: 0.2 }, compress: true }],
        undefined,
      ],
    ] as const
  ).flatMap(([original, list, samples]) =>
    list.map((recipe, i): PruneRun => {
      const name = basename(original);
      const pruned = join(folder, `${i}-${name.replace(/\.h5$/, '.pruned.h5')}`);
      const title = `${name} ${flagsOf(recipe).join(' ')}`;
      return { title, original, pruned, recipe, ...(samples && { data: samples }) };
    }),
  );
}

function flagsOf({ gates, compress, ...rest }: Recipe): string[] {
  const flags = Object.entries(rest).flatMap(([key, value]) => [`--${key}`, String(value)]);
  if (gates)
    flags.push(
      '--gates',
      Object.entries(gates)
        .map((pair) => pair.join('='))
        .join(),
    );
  return compress ? [...flags, '--compress'] : flags;
}

/** Runs the command line on each, as many at a time as there are processors; a failure is kept for its test. */
export async function pruneAll(runs: readonly PruneRun[]): Promise<(PruneReport | Error)[]> {
  const results: (PruneReport | Error)[] = [];
  let next = 0;
  const work = async () => {
    while (next < runs.length) {
      const i = next++;
      const { original, pruned, recipe, data } = runs[i];
      const source = data
        ? [
            '--data',
            data.file,
            ...(data.x[0].includes('_') ? [] : ['--x', data.x.join(), '--y', data.y, '--split', 'all']),
          ]
        : [];
      const args = ['prune', original, '--out', pruned, ...flagsOf(recipe), ...source];
      results[i] = await runCliJson<PruneReport>(args).catch((error: Error) => error);
    }
  };
  await Promise.all(cpus().map(work));
  return results;
}
