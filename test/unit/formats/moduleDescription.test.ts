import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lowerDescription } from '../../../extension/formats/stateDict/lower.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { linear, modules, recurrent, rnn } from './moduleTensors.ts';

describe('a description', () => {
  const shapes = {
    'emb.weight': [9, 3],
    ...rnn,
    ...recurrent('both', 3, [3, 4], ['_l0', '_l0_reverse']),
    ...linear('fc', 8, 2),
  };
  const own = modules(shapes);
  const operators = (layers: Parameters<typeof lowerDescription>[0]) =>
    lowerDescription(layers, own).nodes.map(({ op }) => op);
  const both = { kind: 'gru', name: 'both' } as const;
  const fc = { kind: 'linear', name: 'fc' } as const;

  test('of a bidirectional module reads its last step, its final states, or all steps', () => {
    assert.deepEqual(operators([both, 'last', fc]), ['GRU', 'GRU', 'Concat', 'Select', 'MatMul']);
    assert.deepEqual(operators([both, 'all', fc]), ['GRU', 'GRU', 'Concat', 'MatMul']);
    const { nodes } = lowerDescription([both, 'final', fc], own);
    assert.deepEqual(nodes.at(-2)?.inputs, [nodes[0].outputs[1], nodes[1].outputs[1]]);
  });

  test('takes ids before an embedding, and features otherwise', () => {
    const embedded = lowerDescription([{ kind: 'embedding', name: 'emb' }, both], own);
    assert.deepEqual(embedded.inputs, [
      { name: 'input', shape: [null, null], dtype: 'int32', vocabulary: 9 },
    ]);
    assert.deepEqual(lowerDescription([both], own).inputs[0].shape, [null, null, 3]);
  });

  test('that cannot be is refused at the place', async () => {
    const refuses = (
      layers: Parameters<typeof lowerDescription>[0],
      code: Parameters<typeof assertRefuses>[1],
      ...parts: string[]
    ) => assertRefuses(() => lowerDescription(layers, own), code, ...parts);
    await refuses([{ kind: 'lstm', name: 'both' }], 'reasonNoModule', 'layers[0].lstm', '"both"', 'gru both');
    await refuses(['last', both], 'reasonLayerFirst', 'layers[0]');
    await refuses([both, 'last', 'mean'], 'reasonNoSteps', 'layers[2]');
    await refuses([both, 'last', { kind: 'lstm', name: 'rnn' }], 'reasonNoSteps', 'layers[2]');
    await refuses([both, fc, 'final'], 'reasonNoState', 'layers[2]');
    await refuses([{ ...both, padding: 0 }, 'last'], 'reasonLastPadding', 'layers[1]');
    await refuses([both, { ...fc, padding: 0 }], 'reasonPaddingFirst', 'layers[1].padding');
    await refuses([both, { kind: 'embedding', name: 'emb' }], 'reasonNoTokens', 'layers[1]');
  });
});
