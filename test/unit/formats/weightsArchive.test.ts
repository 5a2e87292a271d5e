import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeKerasArchive } from '../../support/kerasFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { lstmArrays, lstmJson, readAll, values } from './layerArrays.ts';
import { weight, withModel } from './open.ts';
import { sequential } from './weightFiles.ts';

const write = scratchFiles();

test('.keras: groups are found by the name that their vars carry, not by their order', async () => {
  const [a, b] = [lstmArrays('', 3), lstmArrays('', 2)];
  const path = await writeKerasArchive(write('named.keras', ''), {
    config: sequential(lstmJson('first'), lstmJson('second')),
    groups: [
      { path: 'layers/lstm/cell', name: 'second', weights: b },
      { path: 'layers/lstm_1/cell', name: 'first', weights: a },
    ],
  });
  const all = await readAll(path);
  assert.deepEqual(all['first/kernel'], values(a[0]));
  assert.deepEqual(all['second/kernel'], values(b[0]));
});

test('.keras: without names, groups are counted class by class', async () => {
  const [a, b, gru] = [
    lstmArrays('', 3),
    lstmArrays('', 2),
    [weight('', 2, 6), weight('', 2, 6), weight('', 6)],
  ];
  const path = await writeKerasArchive(write('counted.keras', ''), {
    config: sequential(
      lstmJson('z'),
      { class_name: 'GRU', config: { name: 'g', units: 2, activation: 'tanh' } },
      lstmJson('a'),
    ),
    groups: [
      { path: 'layers/lstm/cell', weights: a },
      { path: 'layers/gru/cell', weights: gru },
      { path: 'layers/lstm_1/cell', weights: b },
    ],
  });
  const all = await readAll(path);
  assert.deepEqual(all['z/kernel'], values(a[0]));
  assert.deepEqual(all['a/kernel'], values(b[0]));
  assert.deepEqual(all['g/kernel'], values(gru[0]));
});

test('.keras: directions and nested models lie in groups of their own', async () => {
  const [forward, backward, inner] = [lstmArrays(''), lstmArrays(''), lstmArrays('', 4)];
  const bi = { class_name: 'Bidirectional', config: { name: 'bi', layer: lstmJson('l') } };
  const nested = { class_name: 'Sequential', config: { name: 'inner', layers: [lstmJson('deep')] } };
  const path = await writeKerasArchive(write('deep.keras', ''), {
    config: sequential(bi, nested),
    groups: [
      { path: 'layers/bidirectional/forward_layer/cell', weights: forward },
      { path: 'layers/bidirectional/backward_layer/cell', weights: backward },
      { path: 'layers/sequential/layers/lstm/cell', weights: inner },
    ],
  });
  const all = await readAll(path);
  assert.deepEqual(all['bi/forward/kernel'], values(forward[0]));
  assert.deepEqual(all['bi/backward/bias'], values(backward[2]));
  assert.deepEqual(all['inner/deep/kernel'], values(inner[0]));
});

for (const separator of ['/', '\\']) {
  test(`.keras of Keras 2.12: layers are kept as dependencies, names joined by ${separator}`, async () => {
    const [a, b, deep] = [lstmArrays(''), lstmArrays('', 2), lstmArrays('', 2)];
    const nested = { class_name: 'Sequential', config: { name: 'inner', layers: [lstmJson('deep')] } };
    const dependencies = '_layer_checkpoint_dependencies';
    const at = (...names: string[]) => names.join(separator);
    const path = await writeKerasArchive(write('dependencies.keras', ''), {
      config: sequential(lstmJson('one', { batch_input_shape: [null, 4, 3] }), lstmJson('two'), nested),
      kerasVersion: '2.12.0',
      groups: [
        { path: at(dependencies, 'lstm', 'cell'), weights: a },
        { path: at(dependencies, 'lstm_1', 'cell'), weights: b },
        { path: at(dependencies, 'sequential', dependencies, 'lstm', 'cell'), weights: deep },
      ],
    });
    const all = await readAll(path);
    assert.deepEqual(all['one/kernel'], values(a[0]));
    assert.deepEqual(all['two/bias'], values(b[2]));
    assert.deepEqual(all['inner/deep/kernel'], values(deep[0]));
    await withModel(path, async (model) => {
      const [from, to] = model.layers.map(({ name }) =>
        model.graph?.nodes.find(({ origin }) => origin === name),
      );
      const without = [{ from: to?.outputs[0] ?? '', to: from?.outputs[0] ?? '' }];
      await assertRefuses(() => model.checkRebuild('shrink', without), 'shrinkUnsupported');
    });
  });
}
