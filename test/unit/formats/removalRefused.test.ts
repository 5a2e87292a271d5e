// Layers that cannot be left out of a file without it being another model.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeKerasArchive } from '../../support/kerasFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { functional, groupOf, keras3Layer, sequenceLstm } from '../../support/stackedArchive.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { ends, instead, legacy, residualGroups, residualLayers, withoutSum } from './layersGone.ts';
import { withModel } from './open.ts';

const write = scratchFiles();

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
