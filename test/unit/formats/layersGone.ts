import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { openModel } from '../../../extension/formats/open.ts';
import type { Graph } from '../../../extension/model/graph.ts';
import type { Model } from '../../../extension/model/model.ts';
import { readMasked } from '../../../extension/model/parameter.ts';
import type { Redirection } from '../../../extension/model/removal.ts';
import { redirected } from '../../../extension/ops/redirect.ts';
import { type LegacyFile, writeKerasArchive, writeKerasH5 } from '../../support/kerasFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { functional, groupOf, keras3Layer, sequenceLstm, stacked } from '../../support/stackedArchive.ts';
import { weight, withModel } from './open.ts';

const write = scratchFiles();
const { steps, width } = stacked;

/** The values that a layer of the graph puts out last, and that its first node reads. */
export function ends({ nodes }: Graph, origin: string): { input: string; outputs: readonly string[] } {
  const own = nodes.filter((node) => node.origin === origin || node.origin.startsWith(`${origin}/`));
  const [first, last] = [own.at(0), own.at(-1)];
  assert.ok(first && last, origin);
  return { input: first.inputs[0], outputs: last.outputs };
}

/** Whoever reads all steps of a layer reads its input. */
export function bypass(graph: Graph, origin: string): Redirection {
  const { input, outputs } = ends(graph, origin);
  return { from: outputs[0], to: input };
}

/** Whoever reads one layer reads another one. */
export function instead(graph: Graph, from: string, to: string): Redirection {
  return { from: ends(graph, from).outputs[0], to: ends(graph, to).outputs[0] };
}

/** Saves a model after redirections and compares what was written with what should be left of the graph and of the parameters. */
export async function saveWithout(
  from: string,
  redirections: (graph: Graph) => Redirection[],
  prepare: (model: Model) => void = () => {},
): Promise<string> {
  const suffix = from.slice(from.lastIndexOf('.'));
  const path = write(`without${suffix}`, '');
  rmSync(path);
  await withModel(from, async (model) => {
    prepare(model);
    const { graph } = model;
    assert.ok(graph);
    const without = redirections(graph);
    await model.checkRebuild('shrink', without);
    await model.save(path, { compress: false, without });
    const left = redirected(graph, without);
    const written = await openModel(path);
    try {
      const described = ({ nodes }: Graph) =>
        nodes.map(({ op, origin, inputs }) => [op, origin, inputs.length]);
      assert.ok(written.graph);
      assert.deepEqual(described(written.graph), described(left));
      const origins = new Set(left.nodes.map(({ origin }) => origin));
      const meant = model.parameters.filter(({ name }) => origins.has(name.slice(0, name.lastIndexOf('/'))));
      assert.deepEqual(
        written.parameters.map(({ name }) => name),
        meant.map(({ name }) => name),
      );
      for (const [i, parameter] of written.parameters.entries())
        assert.deepEqual(await parameter.read(), await readMasked(meant[i]), parameter.name);
    } finally {
      await written.close();
    }
  });
  return path;
}

export const lstm = (name: string, config: object = {}) => ({
  class_name: 'LSTM',
  config: { name, ...sequenceLstm, ...config },
});
export const dense = (name: string) => ({
  class_name: 'Dense',
  config: { name, units: 2, activation: 'linear' },
});
export const shape = { batch_input_shape: [null, steps, width] };

export function lstmArrays(name: string) {
  return {
    name,
    weights: [
      weight(`${name}/kernel:0`, width, 4 * width),
      weight(`${name}/recurrent_kernel:0`, width, 4 * width),
      weight(`${name}/bias:0`, 4 * width),
    ],
  };
}
export const denseArrays = {
  name: 'dense',
  weights: [weight('dense/kernel:0', width, 2), weight('dense/bias:0', 2)],
};

/** Three LSTM layers, a dropout behind the first, and a dense layer, as Keras 2 writes it. */
export function threeLayers(more: Partial<LegacyFile> = {}): LegacyFile {
  const layers = [
    lstm('a', shape),
    { class_name: 'Dropout', config: { name: 'drop', rate: 0.5 } },
    lstm('b'),
    lstm('c'),
    dense('dense'),
  ];
  return {
    config: { class_name: 'Sequential', config: { name: 'sequential', layers } },
    kerasVersion: '2.3.1',
    layers: [lstmArrays('a'), { name: 'drop', weights: [] }, lstmArrays('b'), lstmArrays('c'), denseArrays],
    optimizer: true,
    ...more,
  };
}

export const legacy = (more: Partial<LegacyFile> = {}) =>
  writeKerasH5(write('three.h5', ''), threeLayers(more));

export const residualLayers = [
  keras3Layer('LayerNormalization', 'norm', { axis: [-1], epsilon: 0.001 }, 'x'),
  keras3Layer('LSTM', 'inner', sequenceLstm, 'norm'),
  keras3Layer('Dropout', 'drop', { rate: 0.5 }, 'inner'),
  keras3Layer('Add', 'sum', {}, 'x', 'drop'),
  keras3Layer('LSTM', 'last', sequenceLstm, 'sum'),
  keras3Layer('Dense', 'dense', { units: 2, activation: 'linear' }, 'last'),
];
export const residualGroups = [
  groupOf.normalization('layer_normalization', 'norm'),
  groupOf.lstm('lstm', 'inner'),
  groupOf.lstm('lstm_1', 'last'),
  groupOf.dense('dense', 'dense'),
];

export const residual = () =>
  writeKerasArchive(write('residual.keras', ''), {
    config: functional(residualLayers, 'dense'),
    groups: residualGroups,
  });
export const withoutSum = (graph: Graph): Redirection[] => [{ from: ends(graph, 'sum').outputs[0], to: 'x' }];
