import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inferredGraph } from '../../../extension/formats/stateDict/inferredGraph.ts';
import { lowerDescription } from '../../../extension/formats/stateDict/lower.ts';
import { modulesOf } from '../../../extension/formats/stateDict/modules.ts';
import type { ModuleFacts } from '../../../extension/formats/stateDict/tensors.ts';
import type { DescribedLayer } from '../../../extension/protocol/modelDescription.ts';
import { memoryParameter } from '../../support/memoryModel.ts';
import { assertRefuses } from '../../support/throwsCode.ts';

type Shapes = Readonly<Record<string, readonly number[]>>;

const rnn: Shapes = { 'rnn.weight_ih_l0': [4, 6], 'rnn.weight_hh_l0': [4, 4] };
const conv: Shapes = { 'conv.weight': [6, 2, 3], 'conv.bias': [6] };

/** The modules of tensors of these shapes; of classes, each with its options, where some are known. */
function modules(shapes: Shapes, classes: Readonly<Record<string, readonly [string, object?]>> = {}) {
  const tensors = Object.entries(shapes).map(([name, shape]) => {
    const values = Array(shape.reduce((product, n) => product * n, 1)).fill(0);
    return { name, shape, dtype: 'F32', parameter: memoryParameter(name, shape, values) };
  });
  const facts = Object.entries(classes).map(([path, [className, options = {}]]): [string, ModuleFacts] => [
    path,
    { className, options: new Map(Object.entries(options)) },
  ]);
  return modulesOf({ tensors, inOrder: true, ...(facts.length > 0 && { modules: new Map(facts) }) }, 'f');
}

function lowered(...layers: DescribedLayer[]) {
  return lowerDescription(layers, modules({ ...conv, ...rnn }));
}

/** What a model without a description is assumed to compute, or why nothing can be. */
async function told(own: ReturnType<typeof modules>) {
  const found = await inferredGraph(own, 'm.pt', { stem: '/nowhere/m' });
  return 'graph' in found ? found : found.notEvaluable.cause;
}

const own = { kind: 'conv1d', name: 'conv' } as const;
const behind = { kind: 'rnn', name: 'rnn' } as const;

test('a convolution has a matrix for each step of its window, and the steps about it as PyTorch has them', () => {
  const [node] = lowered({ ...own, groups: 2, padding: 'same', dilation: 3 }, behind).nodes;
  assert.ok(node.op === 'Conv');
  assert.deepEqual([node.groups, node.dilation, node.stride, node.padding], [2, 3, 1, [3, 3]]);
  assert.deepEqual(
    node.taps.map(({ rows, columns, offset, rowStride, columnStride }) => [
      rows,
      columns,
      offset,
      rowStride,
      columnStride,
    ]),
    [0, 1, 2].map((step) => [6, 2, step, 6, 3]),
  );
  assert.deepEqual(lowered({ ...own, groups: 2 }, behind).inputs[0].shape, [null, null, 4]);
  const [, pool] = lowered(own, { averagePool: 3, padding: 1 }, behind).nodes;
  assert.ok(pool.op === 'AveragePool');
  assert.deepEqual([pool.size, pool.stride, pool.padding, pool.countPadding], [3, 3, [1, 1], true]);
});

test('steps that are picked are slices of them, and one of them loses its axis', async () => {
  const [, slice, select] = lowered(behind, { from: 1, to: -1 }, { step: 0 }).nodes;
  assert.ok(slice.op === 'Slice' && select.op === 'Select');
  assert.deepEqual([slice.axis, slice.begin, slice.end, select.axis, select.index], [1, 1, -1, 1, 0]);
  await assertRefuses(() => lowered(behind, 'last', { step: 0 }), 'reasonNoSteps', 'layers[2]');
  await assertRefuses(() => lowered({ ...behind, padding: 0 }, { step: 0 }), 'reasonWindowPadding');
});

test('a window that cannot be is refused at its place', async () => {
  await assertRefuses(() => lowered(behind, 'last', own), 'reasonNoSteps', 'layers[2]');
  await assertRefuses(() => lowered({ ...behind, padding: 0 }, own), 'reasonWindowPadding', 'layers[1]');
  await assertRefuses(
    () => lowered(own, { maxPool: 3, padding: 2 }, behind),
    'invalidValue',
    'layers[1].padding',
    'from 0 to 1',
  );
  await assertRefuses(() => lowered({ maxPool: 2 }, own), 'reasonLayerFirst', 'layers[0]');
});

test('a model with a convolution names the layer as a description has it, with what its module says', async () => {
  const layerIn = async (classes?: Parameters<typeof modules>[1]) => {
    const cause = await told(modules({ ...conv, ...rnn }, classes));
    assert.ok(cause && 'code' in cause && cause.code === 'reasonConvolution', JSON.stringify(cause));
    return cause.args.layer;
  };
  assert.equal(await layerIn(), '{ "conv1d": "conv" }');
  const options = { stride: [2], padding: [1], dilation: [1], groups: 1, padding_mode: 'zeros' };
  const classes = { '': ['my.Net'], conv: ['Conv1d', options], rnn: ['RNN'] } as const;
  assert.equal(await layerIn(classes), '{ "conv1d": "conv", "stride": 2, "padding": 1 }');
  const circular = { ...classes, conv: ['Conv1d', { padding_mode: 'circular' }] } as const;
  const cause = await told(modules({ ...conv, ...rnn }, circular));
  assert.ok(cause && 'code' in cause && cause.code === 'reasonModuleUnknown');
});

test('an activation beside a norm is guessed behind it, or where a Sequential leaves a place, and that is said', async () => {
  const linear = (path: string, to: number) => ({ [`${path}.weight`]: [to, to], [`${path}.bias`]: [to] });
  const norm = (path: string) =>
    Object.fromEntries(
      ['weight', 'bias', 'running_mean', 'running_var'].map((role) => [`${path}.${role}`, [4]]),
    );
  const square = { 'rnn.weight_ih_l0': [4, 4], 'rnn.weight_hh_l0': [4, 4] };
  const guessed = async (shapes: Shapes, classes?: Parameters<typeof modules>[1]) => {
    const found = await told(modules({ ...square, ...shapes }, classes));
    assert.ok(found && 'graph' in found, JSON.stringify(found));
    const words = found.described.map((layer) =>
      typeof layer === 'object' && 'kind' in layer ? layer.name : layer,
    );
    const note = found.graph.assumptions?.find(({ code }) => code === 'noteActivationGuessed');
    return [words.slice(2).join(' '), note?.args?.before];
  };
  const named = { ...linear('a', 4), ...norm('n'), ...linear('b', 4) };
  assert.deepEqual(await guessed(named), ['a n relu b', '{ "linear": "b" }']);
  const behindNorm = { ...linear('s.0', 4), ...norm('s.1'), ...linear('s.3', 4) };
  assert.deepEqual(await guessed(behindNorm), ['s.0 s.1 relu s.3', '{ "linear": "s.3" }']);
  const beforeNorm = { ...linear('s.0', 4), ...norm('s.2'), ...linear('s.3', 4) };
  assert.deepEqual(await guessed(beforeNorm), ['s.0 relu s.2 s.3', '{ "batchNorm": "s.2" }']);
  const close = { ...linear('s.0', 4), ...norm('s.1'), ...linear('s.2', 4) };
  assert.deepEqual(await guessed(close), ['s.0 s.1 s.2', undefined]);
  const classes = {
    '': ['my.Net'],
    rnn: ['RNN'],
    a: ['Linear'],
    act: ['Tanh'],
    n: ['BatchNorm1d'],
    b: ['Linear'],
  } as const;
  assert.deepEqual(await guessed(named, classes), ['a tanh n b', undefined]);
  assert.deepEqual(await guessed({ ...linear('a', 4), ...linear('b', 4) }), ['a relu b', undefined]);
});
