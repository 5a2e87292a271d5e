import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assumedLayers } from '../../../extension/formats/stateDict/assume.ts';
import { chainOf } from '../../../extension/formats/stateDict/chain.ts';
import { linksOf } from '../../../extension/formats/stateDict/links.ts';
import { lowerDescription } from '../../../extension/formats/stateDict/lower.ts';
import { type Modules, modulesOf } from '../../../extension/formats/stateDict/modules.ts';
import { recurrentModules } from '../../../extension/formats/stateDict/recurrentModules.ts';
import type { ModuleFacts, NamedTensor } from '../../../extension/formats/stateDict/tensors.ts';
import { gathered } from '../../../extension/model/gateView.ts';
import { descriptionText } from '../../../extension/protocol/modelDescription.ts';
import { memoryParameter } from '../../support/memoryModel.ts';
import { processorLimit } from '../../support/processorLimit.ts';
import { assertRefuses } from '../../support/throwsCode.ts';

/** Values that say where they stand: 0, 1, 2, … */
function tensor(name: string, shape: readonly number[]): NamedTensor {
  const size = shape.reduce((product, n) => product * n, 1);
  const parameter = memoryParameter(name, shape, [...Array(size).keys()]);
  return { name, shape, dtype: 'F32', parameter };
}

const tensors = (shapes: Record<string, readonly number[]>) =>
  Object.entries(shapes).map(([name, shape]) => tensor(name, shape));

/** Names and shapes of a recurrent module of `gates` gates. */
function recurrent(path: string, gates: number, [inputs, hidden]: [number, number], endings = ['_l0']) {
  return Object.fromEntries(
    endings.flatMap((ending) => [
      [`${path}.weight_ih${ending}`, [gates * hidden, inputs]],
      [`${path}.weight_hh${ending}`, [gates * hidden, hidden]],
      [`${path}.bias_ih${ending}`, [gates * hidden]],
      [`${path}.bias_hh${ending}`, [gates * hidden]],
    ]),
  ) as Record<string, number[]>;
}
const linear = (path: string, from: number, to: number) => ({
  [`${path}.weight`]: [to, from],
  [`${path}.bias`]: [to],
});

describe('recurrent modules of a state dict', () => {
  test('are told by how many gates their rows make', () => {
    for (const [gates, cell] of [
      [4, 'LSTM'],
      [3, 'GRU'],
      [1, 'RNN'],
    ] as const) {
      const [module] = recurrentModules(tensors(recurrent('a.b', gates, [3, 2])), 'f');
      assert.equal(module.cell, cell);
      assert.equal(module.path, 'a.b');
      assert.deepEqual([module.layers[0][0].inputSize, module.layers[0][0].hiddenSize], [3, 2]);
    }
    assert.deepEqual(recurrentModules(tensors(recurrent('a', 2, [3, 2])), 'f'), []);
  });

  test('have the gates of PyTorch’s rows: i, f, g, o and r, z, n', () => {
    const firstRows = (gates: number) => {
      const [module] = recurrentModules(tensors(recurrent('a', gates, [3, 2])), 'f');
      return module.layers[0][0].gates.map(({ name, kernel, recurrent, biases }) => [
        name,
        gathered(kernel, kernel.parameter.name ? valuesOf(kernel.parameter) : new Float32Array())[0] / 6,
        gathered(recurrent, valuesOf(recurrent.parameter))[0] / 4,
        biases.map((bias) => gathered(bias, valuesOf(bias.parameter))[0] / 2),
      ]);
    };
    assert.deepEqual(firstRows(4), [
      ['i', 0, 0, [0, 0]],
      ['f', 1, 1, [1, 1]],
      ['c', 2, 2, [2, 2]],
      ['o', 3, 3, [3, 3]],
    ]);
    assert.deepEqual(firstRows(3), [
      ['z', 1, 1, [1, 1]],
      ['r', 0, 0, [0, 0]],
      ['h', 2, 2, [2, 2]],
    ]);
  });

  test('are named by layer and direction, cells by themselves', () => {
    const names = (shapes: Record<string, number[]>) =>
      recurrentModules(tensors(shapes), 'f').flatMap(({ layers }) =>
        layers.flat().flatMap((layer) => (layer ? [`${layer.name} ${layer.direction}`] : [])),
      );
    assert.deepEqual(names(recurrent('rnn', 4, [3, 2], ['_l1', '_l0_reverse', '_l0'])), [
      'rnn.l0 forward',
      'rnn.l0_reverse backward',
      'rnn.l1 forward',
    ]);
    assert.deepEqual(names(recurrent('cell', 3, [3, 2], [''])), ['cell forward']);
    const own = Object.entries(recurrent('x', 1, [3, 2])).map(([name, shape]) => [name.slice(2), shape]);
    assert.deepEqual(names(Object.fromEntries(own)), ['l0 forward']);
  });

  test('with a projection know their hidden size by it', () => {
    const shapes = { 'a.weight_ih_l0': [20, 3], 'a.weight_hh_l0': [20, 2], 'a.weight_hr_l0': [2, 5] };
    const [{ layers }] = recurrentModules(tensors(shapes), 'f');
    const [[layer]] = layers;
    assert.equal(layer.hiddenSize, 5);
    assert.deepEqual([layer.projection?.rows, layer.projection?.columns], [2, 5]);
    assert.deepEqual([layer.gates[0].recurrent.rows, layer.gates[0].recurrent.columns], [5, 2]);
  });

  test('whose tensors do not fit together are refused by name', async () => {
    const wrong = { ...recurrent('a', 4, [3, 2]), 'a.bias_hh_l0': [7] };
    await assertRefuses(
      () => recurrentModules(tensors(wrong), 'f'),
      'weightShape',
      'a.bias_hh_l0',
      '[8]',
      '[7]',
    );
    const other = { ...recurrent('a', 4, [3, 2]), 'a.weight_ih_l0': [9, 3] };
    await assertRefuses(() => recurrentModules(tensors(other), 'f'), 'weightShape', 'a.weight_ih_l0');
  });
});

function valuesOf(parameter: object): Float32Array {
  return (parameter as { values: Float32Array }).values;
}

interface Options {
  readonly inOrder?: boolean;
  /** Class by name, with options. */
  readonly facts?: Record<string, [string, Record<string, unknown>?]>;
}

function modules(
  shapes: Record<string, readonly number[]>,
  { inOrder = false, facts = {} }: Options = {},
): Modules {
  const known = Object.entries(facts).map(([path, [className, options = {}]]): [string, ModuleFacts] => [
    path,
    { className, options: new Map(Object.entries(options)) },
  ]);
  return modulesOf({ tensors: tensors(shapes), inOrder, modules: new Map(known) }, 'f');
}

/** The description that is inferred, or why none is. */
function inferred(shapes: Record<string, readonly number[]>, options?: Options): string | unknown[] {
  const own = modules(shapes, options);
  const chain = chainOf(linksOf(own), own.inOrder);
  return typeof chain === 'string' ? chain : JSON.parse(descriptionText(assumedLayers(chain, own))).layers;
}

const bn = (path: string, width: number) =>
  Object.fromEntries(
    ['weight', 'bias', 'running_mean', 'running_var'].map((role) => [`${path}.${role}`, [width]]),
  );
const rnn = recurrent('rnn', 4, [3, 4]);

describe('how modules follow each other', () => {
  test('is what their widths leave, whatever order the file has them in', () => {
    const shapes = { ...linear('a', 8, 2), ...linear('b', 4, 8), 'c.weight': [9, 3], ...rnn };
    assert.deepEqual(inferred(shapes), [
      { embedding: 'c' },
      { lstm: 'rnn' },
      'last',
      { linear: 'b' },
      'relu',
      { linear: 'a' },
    ]);
  });

  test('with modules of one width is told by the numbers in their names', () => {
    const shapes = {
      ...recurrent('lstm10', 4, [4, 4]),
      ...recurrent('lstm9', 4, [4, 4]),
      ...linear('fc', 4, 2),
    };
    assert.deepEqual(inferred(shapes), [{ lstm: 'lstm9' }, { lstm: 'lstm10' }, 'last', { linear: 'fc' }]);
  });

  test('stays open where two orders fit, unless the file keeps the one in which they were made', () => {
    const shapes = { ...recurrent('up', 4, [4, 4]), ...recurrent('down', 4, [4, 4]), ...linear('fc', 4, 2) };
    assert.equal(inferred(shapes), 'several');
    assert.deepEqual(inferred(shapes, { inOrder: true }), [
      { lstm: 'up' },
      { lstm: 'down' },
      'last',
      { linear: 'fc' },
    ]);
  });

  test('is not inferred where widths do not fit', () => {
    assert.equal(inferred({ ...rnn, ...linear('fc', 5, 2) }), 'none');
    assert.equal(inferred({ ...rnn, ...recurrent('decoder', 4, [3, 4]) }), 'none');
    assert.equal(inferred({ 'a.weight': [9, 3], 'b.weight': [7, 3], ...rnn }), 'none');
  });

  test('of many modules that fit any way ends soon, without one', () => {
    const many = Object.assign({}, ...[...'abcdefghijkl'].map((name) => recurrent(name, 1, [4, 4])));
    const withinLimit = processorLimit(5000);
    assert.equal(inferred(many), 'several');
    const more = Object.assign(
      {},
      ...Array.from({ length: 500 }, (_, i) => linear(`${'x'.repeat(i + 1)}`, 4, 4)),
    );
    assert.equal(inferred({ ...more, ...recurrent('r', 1, [4, 4]) }), 'several');
    const endless = Object.assign({}, ...Array.from({ length: 20_000 }, (_, i) => linear(`l${i}`, 2, 2)));
    assert.equal(inferred({ ...endless, ...recurrent('r', 1, [2, 2]) }, { inOrder: true }), 'several');
    withinLimit();
  });

  test('reads every step where outputs are the embedding’s vocabulary', () => {
    const shapes = { 'emb.weight': [9, 3], ...rnn, ...linear('fc', 4, 9) };
    assert.deepEqual(inferred(shapes), [{ embedding: 'emb' }, { lstm: 'rnn' }, 'all', { linear: 'fc' }]);
  });

  test('has normalisation where its width fits, before the activation', () => {
    const shapes = { ...rnn, ...linear('fc1', 4, 6), ...bn('bn', 6), ...linear('fc2', 6, 2) };
    assert.deepEqual(inferred(shapes), [
      { lstm: 'rnn' },
      'last',
      { linear: 'fc1' },
      { batchNorm: 'bn' },
      'relu',
      { linear: 'fc2' },
    ]);
  });

  test('has nothing between neighbours of a Sequential', () => {
    const shapes = { ...rnn, ...linear('fc.0', 4, 6), ...linear('fc.1', 6, 5), ...linear('fc.3', 5, 2) };
    assert.deepEqual(inferred(shapes).slice(-4), [
      { linear: 'fc.0' },
      { linear: 'fc.1' },
      'relu',
      { linear: 'fc.3' },
    ]);
  });

  test('is what a whole module tells, where the file holds one', () => {
    const shapes = {
      'emb.weight': [4, 4],
      ...recurrent('rnn', 1, [4, 4]),
      ...linear('fc.0', 4, 6),
      ...linear('fc.3', 6, 1),
    };
    const facts: Options['facts'] = {
      '': ['Net'],
      emb: ['Embedding'],
      rnn: ['RNN', { nonlinearity: 'relu', dropout: 0.25 }],
      // Said before it is called: an output's.
      act: ['Sigmoid'],
      drop: ['Dropout', { p: 0.5 }],
      fc: ['Sequential'],
      'fc.0': ['Linear'],
      'fc.1': ['LeakyReLU', { negative_slope: 0.2 }],
      'fc.2': ['Dropout', { p: 0.1 }],
      'fc.3': ['Linear'],
    };
    assert.deepEqual(inferred(shapes, { inOrder: true, facts }), [
      { embedding: 'emb' },
      { rnn: 'rnn', dropout: 0.25, nonlinearity: 'relu' },
      'last',
      { dropout: 0.5 },
      { linear: 'fc.0' },
      { leakyRelu: 0.2 },
      { dropout: 0.1 },
      { linear: 'fc.3' },
      'sigmoid',
    ]);
  });
});

test('between linear layers of a module stands its activation, a dropout beside it or not', () => {
  const shapes = { ...recurrent('rnn', 1, [3, 4]), ...linear('fc1', 4, 6), ...linear('fc2', 6, 1) };
  const facts: Options['facts'] = {
    '': ['Net'],
    rnn: ['RNN'],
    fc1: ['Linear'],
    drop: ['Dropout', { p: 0.5 }],
    fc2: ['Linear'],
  };
  const between = (more: Options['facts']) =>
    inferred(shapes, { inOrder: true, facts: { ...facts, ...more } }).slice(3, -1);
  assert.deepEqual(between({}), ['relu', { dropout: 0.5 }]);
  assert.deepEqual(between({ act: ['LeakyReLU', { negative_slope: 0.2 }] }), [
    { leakyRelu: 0.2 },
    { dropout: 0.5 },
  ]);
});

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
