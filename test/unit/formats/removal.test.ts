// Files that whole layers have left: what stays of the configuration, of the arrays and their names, and what is refused.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { openModel } from '../../../extension/formats/open.ts';
import type { Graph } from '../../../extension/model/graph.ts';
import type { Model } from '../../../extension/model/model.ts';
import { readMasked } from '../../../extension/model/parameter.ts';
import type { Redirection } from '../../../extension/model/removal.ts';
import { redirected } from '../../../extension/ops/redirect.ts';
import { type LegacyFile, writeKerasArchive, writeKerasH5 } from '../../support/kerasFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { functional, groupOf, keras3Layer, sequenceLstm, stacked } from '../../support/stackedArchive.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { contentOf } from './content.ts';
import { weight, withModel } from './open.ts';
import { readEntries } from './zipEntries.ts';

const write = scratchFiles();
const { steps, width } = stacked;

/** The values that a layer of the graph puts out last, and that its first node reads. */
function ends({ nodes }: Graph, origin: string): { input: string; outputs: readonly string[] } {
  const own = nodes.filter((node) => node.origin === origin || node.origin.startsWith(`${origin}/`));
  const [first, last] = [own.at(0), own.at(-1)];
  assert.ok(first && last, origin);
  return { input: first.inputs[0], outputs: last.outputs };
}

/** Whoever reads all steps of a layer reads its input. */
function bypass(graph: Graph, origin: string): Redirection {
  const { input, outputs } = ends(graph, origin);
  return { from: outputs[0], to: input };
}

/** Whoever reads one layer reads another one. */
function instead(graph: Graph, from: string, to: string): Redirection {
  return { from: ends(graph, from).outputs[0], to: ends(graph, to).outputs[0] };
}

/** Saves a model after redirections and compares what was written with what should be left of the graph and of the parameters. */
async function saveWithout(
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

const lstm = (name: string, config: object = {}) => ({
  class_name: 'LSTM',
  config: { name, ...sequenceLstm, ...config },
});
const dense = (name: string) => ({ class_name: 'Dense', config: { name, units: 2, activation: 'linear' } });
const shape = { batch_input_shape: [null, steps, width] };

function lstmArrays(name: string) {
  return {
    name,
    weights: [
      weight(`${name}/kernel:0`, width, 4 * width),
      weight(`${name}/recurrent_kernel:0`, width, 4 * width),
      weight(`${name}/bias:0`, 4 * width),
    ],
  };
}
const denseArrays = {
  name: 'dense',
  weights: [weight('dense/kernel:0', width, 2), weight('dense/bias:0', 2)],
};

/** Three LSTM layers, a dropout behind the first, and a dense layer, as Keras 2 writes it. */
function threeLayers(more: Partial<LegacyFile> = {}): LegacyFile {
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

const legacy = (more: Partial<LegacyFile> = {}) => writeKerasH5(write('three.h5', ''), threeLayers(more));

async function configOf(path: string): Promise<{ config: { layers: { config: { name: string } }[] } }> {
  const found = (await contentOf(path)).get('/@model_config') as { value: string };
  return JSON.parse(found.value);
}

test('.h5: the layer leaves the configuration, its list of names and its group, and everything else stays', async () => {
  const from = await legacy();
  const path = await saveWithout(from, (graph) => [bypass(graph, 'b')]);
  const [before, after] = [await contentOf(from), await contentOf(path)];
  const names = after.get('/model_weights@layer_names') as { value: string[] };
  assert.deepEqual(names.value, ['a', 'drop', 'c', 'dense']);
  const expected = [...before.keys()].filter((key) => !/^\/(model_weights\/b|optimizer_weights)\b/.test(key));
  assert.deepEqual([...after.keys()].sort(), expected.sort());
  const config = await configOf(from);
  config.config.layers = config.config.layers.filter((layer) => layer.config.name !== 'b');
  assert.deepEqual(await configOf(path), config);
});

test('masks and trained values go into the file, too', async () => {
  const path = await saveWithout(
    await legacy(),
    (graph) => [bypass(graph, 'b')],
    ({ parameters }) => {
      const kernel = parameters.find(({ name }) => name === 'c/kernel');
      assert.ok(kernel);
      kernel.trained = Float32Array.from({ length: 4 * width * width }, (_, i) => i + 1);
      kernel.mask = Uint8Array.from(kernel.trained, (_, i) => i % 2);
    },
  );
  await withModel(path, async ({ parameters }) => {
    const kernel = await parameters.find(({ name }) => name === 'c/kernel')?.read();
    assert.deepEqual(kernel?.slice(0, 4), Float32Array.of(0, 2, 0, 4));
  });
});

test('layers that follow one another leave together, with nothing between them but what acts while training', async () => {
  const path = await saveWithout(await legacy(), (graph) => [bypass(graph, 'b'), bypass(graph, 'c')]);
  const { config } = await configOf(path);
  assert.deepEqual(
    config.layers.map((layer) => layer.config.name),
    ['a', 'drop', 'dense'],
  );
});

test('lists of names in parts keep their parts, of which empty ones go', async () => {
  for (const [layer, parts] of [
    ['b', [['a', 'drop'], ['c'], ['dense']]],
    [
      'a',
      [
        ['drop', 'b'],
        ['c', 'dense'],
      ],
    ],
  ] as const) {
    const perPart = layer === 'b' ? 2 : 1;
    const path = await saveWithout(await legacy({ layerNamesPerPart: perPart }), (graph) => [
      bypass(graph, layer),
    ]);
    const content = await contentOf(path);
    const lists = [...content.keys()].filter((key) => key.includes('@layer_names'));
    const texts = lists.map((key) => (content.get(key) as { value: string[] }).value);
    assert.deepEqual(texts.flat(), parts.flat());
    assert.ok(texts.every(({ length }) => length > 0));
    assert.deepEqual(
      lists,
      texts.map((_, i) => `/model_weights@layer_names${i}`),
    );
  }
});

test('without an input layer the first layer that is left says the shape of the input', async () => {
  const path = await saveWithout(await legacy(), (graph) => [bypass(graph, 'a')]);
  const { config } = await configOf(path);
  assert.deepEqual(config.layers[0], {
    class_name: 'Dropout',
    config: { ...shape, name: 'drop', rate: 0.5 },
  });
});

test('of a nested model the arrays leave its one group, and their names its list', async () => {
  const inner = {
    class_name: 'Sequential',
    config: { name: 'encoder', layers: [lstm('a', shape), lstm('b')] },
  };
  const file: LegacyFile = {
    config: {
      class_name: 'Sequential',
      config: { name: 'outer', build_input_shape: [null, steps, width], layers: [inner, dense('dense')] },
    },
    kerasVersion: '2.3.1',
    layers: [
      { name: 'encoder', weights: ['a', 'b'].flatMap((name) => lstmArrays(name).weights) },
      denseArrays,
    ],
  };
  const from = await writeKerasH5(write('nested.h5', ''), file);
  const path = await saveWithout(from, (graph) => [bypass(graph, 'encoder/b')]);
  const content = await contentOf(path);
  const names = content.get('/model_weights/encoder@weight_names') as { value: string[] };
  assert.deepEqual(names.value, ['a/kernel:0', 'a/recurrent_kernel:0', 'a/bias:0']);
  assert.deepEqual(content.get('/model_weights/encoder'), ['a']);
});

/** x → norm → LSTM → dropout, added to x, then an LSTM and a dense layer. */
const residualLayers = [
  keras3Layer('LayerNormalization', 'norm', { axis: [-1], epsilon: 0.001 }, 'x'),
  keras3Layer('LSTM', 'inner', sequenceLstm, 'norm'),
  keras3Layer('Dropout', 'drop', { rate: 0.5 }, 'inner'),
  keras3Layer('Add', 'sum', {}, 'x', 'drop'),
  keras3Layer('LSTM', 'last', sequenceLstm, 'sum'),
  keras3Layer('Dense', 'dense', { units: 2, activation: 'linear' }, 'last'),
];
const residualGroups = [
  groupOf.normalization('layer_normalization', 'norm'),
  groupOf.lstm('lstm', 'inner'),
  groupOf.lstm('lstm_1', 'last'),
  groupOf.dense('dense', 'dense'),
];

const residual = () =>
  writeKerasArchive(write('residual.keras', ''), {
    config: functional(residualLayers, 'dense'),
    groups: residualGroups,
  });
const withoutSum = (graph: Graph): Redirection[] => [{ from: ends(graph, 'sum').outputs[0], to: 'x' }];

async function archiveConfig(path: string): Promise<object> {
  const entries = await readEntries(path);
  return JSON.parse(entries.find(({ name }) => name === 'config.json')?.bytes.toString() ?? '');
}

test('.keras: a residual connection leaves with all that only it read', async () => {
  const path = await saveWithout(await residual(), withoutSum);
  const left = [
    keras3Layer('LSTM', 'last', sequenceLstm, 'x'),
    keras3Layer('Dense', 'dense', { units: 2, activation: 'linear' }, 'last'),
  ];
  assert.deepEqual(await archiveConfig(path), functional(left, 'dense'));
});

test('.keras: groups behind one that leaves are counted anew', async () => {
  const path = await saveWithout(await residual(), withoutSum);
  const entries = await readEntries(path);
  const weights = entries.find(({ name }) => name === 'model.weights.h5');
  assert.ok(weights);
  const content = await contentOf(write('weights.h5', weights.bytes));
  assert.deepEqual(content.get('/layers'), ['dense', 'lstm']);
  assert.equal((content.get('/layers/lstm/vars@name') as { value: string }).value, 'last');
});

test('the output of a model may be what a layer read', async () => {
  const layers = [
    keras3Layer('LSTM', 'first', sequenceLstm, 'x'),
    keras3Layer('LSTM', 'second', sequenceLstm, 'first'),
  ];
  const from = await writeKerasArchive(write('output.keras', ''), {
    config: functional(layers, 'second'),
    groups: [groupOf.lstm('lstm', 'first'), groupOf.lstm('lstm_1', 'second')],
  });
  const path = await saveWithout(from, (graph) => [bypass(graph, 'second')]);
  assert.deepEqual(await archiveConfig(path), functional(layers.slice(0, 1), 'first'));
});

test('a call that nobody reads leaves a layer, and its others are counted anew', async () => {
  const twice = keras3Layer('LSTM', 'twice', sequenceLstm, 'x') as { inbound_nodes: object[] };
  const [again] = (keras3Layer('LSTM', 'twice', sequenceLstm, 'sum') as { inbound_nodes: object[] })
    .inbound_nodes;
  const reads = (call: number) =>
    JSON.parse(
      JSON.stringify(keras3Layer('Dense', 'dense', { units: 2, activation: 'linear' }, 'twice')).replace(
        '["twice",0,0]',
        `["twice",${call},0]`,
      ),
    );
  const layers = [
    { ...twice, inbound_nodes: [...twice.inbound_nodes, again] },
    keras3Layer('Add', 'sum', {}, 'x', 'twice'),
    reads(1),
  ];
  const from = await writeKerasArchive(write('twice.keras', ''), {
    config: functional(layers, 'dense'),
    groups: [groupOf.lstm('lstm', 'twice'), groupOf.dense('dense', 'dense')],
  });
  const path = await saveWithout(from, withoutSum);
  assert.deepEqual(await archiveConfig(path), functional([twice, reads(0)], 'dense'));
});

test('a value that no tensor of the configuration is cannot be read in place of another', async () => {
  await withModel(await legacy(), async ({ graph, ...model }) => {
    assert.ok(graph);
    const without = [{ from: ends(graph, 'b').outputs[1], to: 'a_input' }];
    await assertRefuses(
      () => model.checkRebuild('shrink', without),
      'shrinkUnsupported',
      'no way to leave it out',
    );
    await assertRefuses(
      () => model.save(write('never.h5', ''), { compress: false, without }),
      'shrinkUnsupported',
      'no way to leave it out',
    );
  });
});

test('where a mask would go on that the sum of tensors drops, the sum cannot be left out', async () => {
  const masking = keras3Layer('Masking', 'masking', { mask_value: 0 }, 'x');
  const operation = {
    ...keras3Layer('Add', 'sum', {}, 'masking', 'inner'),
    module: 'keras.src.ops.numpy',
    config: { name: 'sum' },
  };
  for (const [sum, refused] of [
    [operation, true],
    [keras3Layer('Add', 'sum', {}, 'masking', 'inner'), false],
  ] as const) {
    const layers = [
      masking,
      keras3Layer('LSTM', 'inner', sequenceLstm, 'masking'),
      sum,
      ...residualLayers.slice(4),
    ];
    const from = await writeKerasArchive(write('masked.keras', ''), {
      config: functional(layers, 'dense'),
      groups: residualGroups.slice(1),
    });
    await withModel(from, async ({ graph, ...model }) => {
      assert.ok(graph);
      const check = () => model.checkRebuild('shrink', [instead(graph, 'sum', 'masking')]);
      if (refused) await assertRefuses(check, 'shrinkUnsupported', 'no way to leave it out');
      else await check();
    });
  }
});

async function assertSumStays(file: string): Promise<void> {
  await withModel(file, async ({ graph, ...model }) => {
    assert.ok(graph);
    await assertRefuses(
      () => model.checkRebuild('shrink', withoutSum(graph)),
      'shrinkUnsupported',
      'no way to leave it out',
    );
  });
}

test('a layer that is read for a mask alone cannot be left out', async () => {
  const layers = [
    keras3Layer('LSTM', 'inner', sequenceLstm, 'x'),
    keras3Layer('Masking', 'masking', { mask_value: 0 }, 'inner'),
    keras3Layer('Add', 'sum', {}, 'x', 'masking'),
    {
      ...keras3Layer('NotEqual', 'mask', {}, 'inner'),
      module: 'keras.src.ops.numpy',
      config: { name: 'mask' },
    },
    ...residualLayers.slice(4).map((layer) => {
      const copy = structuredClone(layer) as { name: string; inbound_nodes: { kwargs: object }[] };
      const [{ args }] = (keras3Layer('x', 'x', {}, 'mask') as { inbound_nodes: { args: unknown[] }[] })
        .inbound_nodes;
      if (copy.name === 'last') copy.inbound_nodes[0].kwargs = { mask: args[0] };
      return copy;
    }),
  ];
  const from = await writeKerasArchive(write('forMask.keras', ''), {
    config: functional(layers, 'dense'),
    groups: residualGroups.slice(1),
  });
  await assertSumStays(from);
});

test('arrays that lie with a layer that leaves, and that another one has too, cannot be left out', async () => {
  const inner = functional([keras3Layer('LSTM', 'shared', sequenceLstm, 'x')], 'shared', 'reader');
  const [, called] = [inner, keras3Layer('Functional', 'reader', {}, 'x')] as { inbound_nodes: object[] }[];
  const layers = [
    { ...inner, inbound_nodes: called.inbound_nodes },
    keras3Layer('Add', 'sum', {}, 'x', 'reader'),
    keras3Layer('LSTM', 'shared', sequenceLstm, 'sum'),
    keras3Layer('Dense', 'dense', { units: 2, activation: 'linear' }, 'shared'),
  ];
  const from = await writeKerasArchive(write('shared.keras', ''), {
    config: functional(layers, 'dense'),
    groups: [groupOf.lstm('functional/layers/lstm', 'shared'), groupOf.dense('dense', 'dense')],
  });
  await assertSumStays(from);
});

test('leaving out layers and units at once is for the caller to do one after the other', async () => {
  await withModel(await legacy(), async ({ graph, ...model }) => {
    assert.ok(graph);
    const shrink = { parameters: new Map(), values: new Map(), layers: [] };
    const options = { compress: false, shrink, without: [bypass(graph, 'b')] };
    await assert.rejects(model.save(write('both.h5', ''), options), /first/);
  });
});
