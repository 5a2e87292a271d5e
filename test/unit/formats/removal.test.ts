// Files that whole layers have left: what stays of the configuration, of the arrays and their names.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LegacyFile, writeKerasArchive, writeKerasH5 } from '../../support/kerasFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { functional, groupOf, keras3Layer, sequenceLstm, stacked } from '../../support/stackedArchive.ts';
import { contentOf } from './content.ts';
import {
  bypass,
  dense,
  denseArrays,
  legacy,
  lstm,
  lstmArrays,
  residual,
  saveWithout,
  shape,
  withoutSum,
} from './layersGone.ts';
import { withModel } from './open.ts';
import { readEntries } from './zipEntries.ts';

const write = scratchFiles();
const { steps, width } = stacked;

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

test('leaving out layers and units at once is for the caller to do one after the other', async () => {
  await withModel(await legacy(), async ({ graph, ...model }) => {
    assert.ok(graph);
    const shrink = { parameters: new Map(), values: new Map(), layers: [] };
    const options = { compress: false, shrink, without: [bypass(graph, 'b')] };
    await assert.rejects(model.save(write('both.h5', ''), options), /first/);
  });
});
