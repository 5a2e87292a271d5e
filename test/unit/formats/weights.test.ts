import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { test } from 'node:test';
import { writeKerasH5 } from '../../support/kerasFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { lstmArrays, lstmJson, readAll, values } from './layerArrays.ts';
import { weight, withModel } from './open.ts';
import { sequential } from './weightFiles.ts';

const write = scratchFiles();

test('.h5: arrays are those that layer_names and weight_names list, whatever they are called', async () => {
  const [a, b] = [lstmArrays('lstm_1/lstm_1/'), lstmArrays('odd/path/lstm_cell/', 2)];
  const path = await writeKerasH5(write('names.h5', ''), {
    config: sequential(lstmJson('one'), lstmJson('two')),
    layers: [
      { name: 'two', weights: b },
      { name: 'one', weights: a },
    ],
  });
  assert.deepEqual(await readAll(path), {
    'one/kernel': values(a[0]),
    'one/recurrent_kernel': values(a[1]),
    'one/bias': values(a[2]),
    'two/kernel': values(b[0]),
    'two/recurrent_kernel': values(b[1]),
    'two/bias': values(b[2]),
  });
});

test('.h5: layer_names that are split into parts are put together', async () => {
  const layers = Array.from({ length: 5 }, (_, i) => ({
    name: `l${i}`,
    weights: lstmArrays(`l${i}/`, i === 0 ? 3 : 2),
  }));
  const path = await writeKerasH5(write('split.h5', ''), {
    config: sequential(...layers.map(({ name }) => lstmJson(name))),
    layers,
    layerNamesPerPart: 2,
  });
  const all = await readAll(path);
  assert.equal(Object.keys(all).length, 15);
  assert.deepEqual(all['l4/kernel'], values(layers[4].weights[0]));
});

test('.h5: both directions of a Bidirectional are told apart by name', async () => {
  const [forward, backward] = [lstmArrays('bi/forward_l/'), lstmArrays('bi/backward_l/')];
  const bi = {
    class_name: 'Bidirectional',
    config: { name: 'bi', merge_mode: 'concat', layer: lstmJson('l') },
  };
  const path = await writeKerasH5(write('bi.h5', ''), {
    config: sequential(bi),
    layers: [{ name: 'bi', weights: [...forward, ...backward] }],
  });
  const { layers, found } = await withModel(path, async (model) => ({
    layers: model.layers.map(({ name, direction }) => [name, direction]),
    found: [...(await model.layers[1].gates[0].kernel.parameter.read())],
  }));
  assert.deepEqual(layers, [
    ['bi/forward', 'forward'],
    ['bi/backward', 'backward'],
  ]);
  assert.deepEqual(found, values(backward[0]));
});

test('.h5: layers of a nested model are told apart by name, and where names say nothing by count', async () => {
  const nested = {
    class_name: 'Sequential',
    config: { name: 'inner', layers: [lstmJson('a'), lstmJson('b')] },
  };
  for (const prefixes of [
    ['a/', 'b/'],
    ['x/1/', 'x/2/'],
  ]) {
    const [a, b] = [lstmArrays(prefixes[0]), lstmArrays(prefixes[1], 2)];
    const path = await writeKerasH5(write('nested.h5', ''), {
      config: sequential(nested),
      layers: [{ name: 'inner', weights: [...a, ...b] }],
    });
    const all = await readAll(path);
    assert.deepEqual(all['inner/a/kernel'], values(a[0]));
    assert.deepEqual(all['inner/b/bias'], values(b[2]));
  }
});

test('.h5: the twelve arrays of Keras 1 are i, c, f, o', async () => {
  const arrays = ['i', 'c', 'f', 'o'].flatMap((gate) => [
    weight(`lstm_1_W_${gate}`, 3, 2),
    weight(`lstm_1_U_${gate}`, 2, 2),
    weight(`lstm_1_b_${gate}`, 2),
  ]);
  const config = {
    name: 'lstm_1',
    output_dim: 2,
    input_dim: 3,
    input_length: 4,
    activation: 'tanh',
    inner_activation: 'hard_sigmoid',
  };
  const path = await writeKerasH5(write('keras1.h5', ''), {
    config: { class_name: 'Sequential', config: [{ class_name: 'LSTM', config }] },
    layers: [{ name: 'lstm_1', weights: arrays }],
  });
  const gates = await withModel(path, ({ layers: [layer], format }) => {
    assert.equal(format, 'Keras 1 HDF5');
    return layer.gates.map(({ name, kernel, recurrent, biases }) => [
      name,
      kernel.parameter.name,
      recurrent.parameter.name,
      biases[0].parameter.name,
    ]);
  });
  assert.deepEqual(
    gates,
    ['i', 'f', 'c', 'o'].map((gate) => [
      gate,
      ...['W', 'U', 'b'].map((role) => `lstm_1/lstm_1_${role}_${gate}`),
    ]),
  );
});

test('.h5: a GRU with reset_after has two biases a gate, in rows', async () => {
  const arrays = [weight('g/kernel:0', 3, 6), weight('g/recurrent:0', 2, 6), weight('g/bias:0', 2, 6)];
  const config = { name: 'g', units: 2, activation: 'tanh', reset_after: true };
  const path = await writeKerasH5(write('gru.h5', ''), {
    config: sequential({ class_name: 'GRU', config }),
    layers: [{ name: 'g', weights: arrays }],
  });
  const offsets = await withModel(path, ({ layers: [layer] }) =>
    layer.gates.map(({ biases }) => biases.map(({ offset }) => offset)),
  );
  assert.deepEqual(offsets, [
    [0, 6],
    [2, 8],
    [4, 10],
  ]);
});

for (const dtype of ['<f', '<d', 'bfloat16'] as const) {
  test(`weights of type ${dtype} are read as they are`, async () => {
    const values = [1.5, -2, 0, -0, 2 ** -126, 0.1];
    const kernel = { name: 'lstm/kernel:0', shape: [1, 4], values: values.slice(0, 4), dtype };
    const recurrent = { name: 'lstm/r:0', shape: [1, 4], values: [values[4], values[5], 1, 2], dtype };
    const path = await writeKerasH5(write('types.h5', ''), {
      config: sequential(lstmJson('lstm', { units: 1, use_bias: false })),
      layers: [{ name: 'lstm', weights: [kernel, recurrent] }],
    });
    const all = await readAll(path);
    assert.deepEqual(all['lstm/kernel'], [1.5, -2, 0, -0]);
    // bfloat16 keeps the upper 16 bits of 0.1 = 0x3dcccccd.
    const tenth =
      dtype === 'bfloat16' ? new Float32Array(Uint32Array.of(0x3dcc0000).buffer)[0] : Math.fround(0.1);
    assert.deepEqual(all['lstm/recurrent_kernel'], [2 ** -126, tenth, 1, 2]);
  });
}

test('.h5: what a layer counts beside its weights is left out, as of a Normalization', async () => {
  const [mean, variance] = [weight('n/mean:0', 3), weight('n/variance:0', 3)];
  const normalization = { class_name: 'Normalization', config: { name: 'n', axis: [-1] } };
  const path = await writeKerasH5(write('counting.h5', ''), {
    config: sequential(normalization, lstmJson('lstm')),
    layers: [
      { name: 'n', weights: [mean, variance] },
      { name: 'lstm', weights: lstmArrays('lstm/') },
    ],
  });
  const { loadLibrary, openFile } = await import('../../../extension/formats/hdf5/library.ts');
  const { h5 } = await loadLibrary();
  const file = openFile(await loadLibrary(), path, 'a');
  const group = file.get('model_weights/n') as InstanceType<typeof h5.Group>;
  group.create_dataset({ name: 'count', data: new Int32Array([7]), shape: [] });
  group.delete_attribute('weight_names');
  group.create_attribute('weight_names', ['n/mean:0', 'count', 'n/variance:0']);
  file.close();
  const all = await readAll(path);
  assert.deepEqual(Object.keys(all).slice(0, 3), ['n/mean', 'n/variance', 'lstm/kernel']);
  assert.deepEqual(all['n/variance'], values(variance));
});

test('what is marked not trainable stays so behind wrappers, in nested models and in the whole', async () => {
  const wrapped = (trainable: boolean, inner: boolean) => ({
    class_name: 'Bidirectional',
    config: { name: 'bi', trainable, layer: lstmJson('l', { trainable: inner }) },
  });
  const arrays = [...lstmArrays('bi/forward_l/'), ...lstmArrays('bi/backward_l/')];
  const trainables = async (config: object, weights = arrays) => {
    const name = weights === arrays ? 'bi' : 'inner';
    const path = await writeKerasH5(write('frozen.h5', ''), { config, layers: [{ name, weights }] });
    return withModel(path, ({ parameters }) => [...new Set(parameters.map(({ trainable }) => trainable))]);
  };
  assert.deepEqual(await trainables(sequential(wrapped(true, true))), [true]);
  assert.deepEqual(await trainables(sequential(wrapped(false, true))), [false]);
  assert.deepEqual(await trainables(sequential(wrapped(true, false))), [false]);
  const whole = sequential(wrapped(true, true));
  assert.deepEqual(await trainables({ ...whole, config: { ...whole.config, trainable: false } }), [false]);
  const nested = {
    class_name: 'Sequential',
    config: { name: 'inner', trainable: false, layers: [lstmJson('l')] },
  };
  assert.deepEqual(await trainables(sequential(nested), lstmArrays('l/')), [false]);
  const steps = {
    class_name: 'TimeDistributed',
    config: { name: 'inner', trainable: false, layer: lstmJson('l') },
  };
  assert.deepEqual(await trainables(sequential(steps), lstmArrays('l/')), [false]);
});

test('.h5: a path may begin where the process runs', async () => {
  const path = await writeKerasH5(write('here.h5', ''), {
    config: sequential(lstmJson('lstm', { batch_input_shape: [null, 4, 3] })),
    layers: [{ name: 'lstm', weights: lstmArrays('lstm/') }],
  });
  assert.deepEqual(await readAll(relative(process.cwd(), path)), await readAll(path));
});
