import type { LossNode, RecurrentNode } from '../../extension/model/graph.ts';
import type { Loss } from '../../extension/model/loss.ts';
import type { Tensor } from '../../extension/model/tensor.ts';
import type { Cell } from '../../extension/protocol/report.ts';
import type { LayerOptions } from '../support/memoryModel.ts';
import { Sketch, type TrainingCase } from '../support/trainingGraphs.ts';

/** What only some recurrent layers have. */
const furtherVariants: [
  name: string,
  op: Cell,
  node: Partial<RecurrentNode>,
  layer: Partial<LayerOptions>,
][] = [
  ['LSTM with a projection', 'LSTM', {}, { projection: 3, biases: 2 }],
  ['LSTM with a projection, from the last step on', 'LSTM', { reverse: true }, { projection: 2 }],
  ['LSTM with peepholes', 'LSTM', {}, { peepholes: true }],
  ['LSTM with peepholes, coupled gates', 'LSTM', { inputForget: true }, { peepholes: true }],
  ['LSTM without an input gate', 'LSTM', {}, { peepholes: true, coupled: true }],
  ['LSTM with a relu of the cell state', 'LSTM', { outputActivation: { op: 'Relu' } }, {}],
  [
    'LSTM with peepholes, a projection, its bias, and clips',
    'LSTM',
    { clip: 0.8, cellClip: 0.5, projectionClip: 0.4 },
    { peepholes: true, projection: 4, projectionBias: true },
  ],
  ['GRU, reset after, clipped', 'GRU', { clip: 0.5, linearBeforeReset: true }, { biases: 2 }],
  ['GRU, reset before, clipped', 'GRU', { clip: 0.5 }, {}],
  ['RNN, clipped', 'RNN', { clip: 0.5 }, {}],
];

type Variant = Pick<RecurrentNode, 'op'> &
  Partial<Pick<RecurrentNode, 'activation' | 'gateActivation' | 'linearBeforeReset'>>;

/** A cell in one of its forms, with its number of bias vectors. */
const variants: [name: string, variant: Variant, biases: number][] = [
  ['LSTM', { op: 'LSTM' }, 1],
  ['GRU, reset before', { op: 'GRU' }, 1],
  ['GRU, reset after', { op: 'GRU', linearBeforeReset: true }, 2],
  ['RNN', { op: 'RNN' }, 1],
  ['RNN of relu', { op: 'RNN', activation: { op: 'Relu' } }, 1],
  ['LSTM of hard sigmoid', { op: 'LSTM', gateActivation: { op: 'HardSigmoid', alpha: 1 / 6, beta: 0.5 } }, 2],
];

/** Every cell, in every setting; sizes that are no multiples of anything. */
export function gradientCases(): TrainingCase[] {
  return [...variants.flatMap(plainCases), ...furtherVariants.map(further)];
}

function plainCases([name, variant, biases]: (typeof variants)[number]): TrainingCase[] {
  return [
    lastOutput(name, variant, biases, 5),
    lastOutput(name, variant, biases, 1),
    masked(name, variant, biases),
    initialState(name, variant, biases),
    bothDirections(name, variant, biases),
    stack(name, variant, biases),
    student(name, variant, biases),
  ];
}

const crossEntropy = (width: number): Loss => ({
  name: 'sparse_categorical_crossentropy',
  head: 'softmax',
  width,
  fromLogits: true,
});
const squaredError = (width: number): Loss => ({
  name: 'mean_squared_error',
  head: 'linear',
  width,
  fromLogits: false,
});

function lastOutput(name: string, variant: Variant, biases: number, batch: number): TrainingCase {
  const sketch = new Sketch();
  sketch.recurrent(variant.op, [3, 6], { ...variant, inputs: ['x'], outputs: ['all', 'last'] }, biases);
  sketch.dense('last', 'logits', [6, 4]);
  return sketch.case(`${name}, the last output of ${batch} to classes`, 'logits', crossEntropy(4), [
    ['x', sketch.floats(batch, 7, 3)],
    ['targets', sketch.classes(4, batch)],
  ]);
}

/** Sequences of different lengths, a value a step. */
function masked(name: string, variant: Variant, biases: number): TrainingCase {
  const sketch = new Sketch();
  const node = { ...variant, inputs: ['x'], outputs: ['all', 'last'], mask: 'mask' };
  sketch.recurrent(variant.op, [3, 5], node, biases);
  sketch.dense('all', 'y', [5, 2]);
  const mask = sketch.mask();
  const [batch, steps] = mask.shape;
  const inputs: [string, Tensor][] = [
    ['x', sketch.floats(batch, steps, 3)],
    ['mask', mask],
    ['targets', sketch.floats(batch, steps, 2)],
  ];
  return sketch.case(`${name}, masked, values a step`, 'y', squaredError(2), inputs, 'mask');
}

function initialState(name: string, variant: Variant, biases: number): TrainingCase {
  const sketch = new Sketch();
  const states = variant.op === 'LSTM' ? ['h', 'c'] : ['h'];
  // Made by a weight each, so that the gradient goes through the state.
  for (const state of states) sketch.dense(`${state}0`, state, [2, 5]);
  const finals = states.map((state) => `${state}T`);
  const node = { ...variant, inputs: ['x', ...states], outputs: ['all', 'last', ...finals] };
  sketch.recurrent(variant.op, [3, 5], node, biases);
  sketch.concat([...finals, 'last'], 'joined');
  sketch.dense('joined', 'y', [5 * (finals.length + 1), 3]);
  return sketch.case(`${name}, from an initial to the final state`, 'y', squaredError(3), [
    ['x', sketch.floats(5, 7, 3)],
    ...states.map((state): [string, Tensor] => [`${state}0`, sketch.floats(5, 2)]),
    ['targets', sketch.floats(5, 3)],
  ]);
}

/** Two nodes, one of them in reverse, over masked sequences. */
function bothDirections(name: string, variant: Variant, biases: number): TrainingCase {
  const sketch = new Sketch();
  const node = { ...variant, inputs: ['x'], mask: 'mask' };
  sketch.recurrent(variant.op, [3, 4], { ...node, outputs: ['forwards', 'lastForwards'] }, biases);
  const backwards = { ...node, outputs: ['backwards', 'lastBackwards'], reverse: true };
  sketch.recurrent(variant.op, [3, 4], backwards, biases);
  sketch.concat(['forwards', 'backwards'], 'both');
  sketch.dense('both', 'logits', [8, 3]);
  const mask = sketch.mask();
  const [batch, steps] = mask.shape;
  const inputs: [string, Tensor][] = [
    ['x', sketch.floats(batch, steps, 3)],
    ['mask', mask],
    ['targets', sketch.classes(3, batch, steps)],
  ];
  return sketch.case(`${name}, both directions, masked`, 'logits', crossEntropy(3), inputs, 'mask');
}

/** Embedding, two layers and a linear one, of sizes for which fast paths are made. */
function stack(name: string, variant: Variant, biases: number): TrainingCase {
  const sketch = new Sketch();
  const [batch, steps] = [9, 13];
  const table = sketch.parameter('table', [31, 10]);
  sketch.nodes.push({ op: 'Gather', inputs: ['ids'], outputs: ['x'], origin: 'embedding', table });
  sketch.recurrent(variant.op, [10, 24], { ...variant, inputs: ['x'], outputs: ['s1', 'l1'] }, biases);
  sketch.recurrent(variant.op, [24, 17], { ...variant, inputs: ['s1'], outputs: ['s2', 'l2'] }, biases);
  sketch.dense('s2', 'logits', [17, 31]);
  return sketch.case(`${name}, embedding and two layers`, 'logits', crossEntropy(31), [
    ['ids', sketch.classes(31, batch, steps)],
    ['targets', sketch.classes(31, batch, steps)],
  ]);
}

/** Classes, and what a teacher thinks of them at a temperature of 2 (Hinton et al. 2015): two losses of one graph. */
function student(name: string, variant: Variant, biases: number): TrainingCase {
  const sketch = new Sketch();
  sketch.recurrent(variant.op, [3, 6], { ...variant, inputs: ['x'], outputs: ['all', 'last'] }, biases);
  sketch.dense('last', 'logits', [6, 4]);
  const soft = { inputs: ['logits'], outputs: ['soft'], origin: 'temperature' };
  sketch.nodes.push({ ...soft, op: 'Scale', factor: 0.5 });
  const loss: LossNode = {
    op: 'Loss',
    loss: { ...crossEntropy(4), name: 'categorical_crossentropy' },
    inputs: ['soft', 'teacher'],
    outputs: ['taught loss', 'taught rows'],
    origin: 'teacher',
    factor: 0.7 * 2 ** 2,
  };
  sketch.nodes.push(loss);
  const chances = Array.from({ length: 5 }, () => [0.1, 0.2, 0.3, 0.4]).flat();
  return sketch.case(`${name}, classes and a teacher`, 'logits', crossEntropy(4), [
    ['x', sketch.floats(5, 7, 3)],
    ['teacher', { shape: [5, 4], data: Float32Array.from(chances) }],
    ['targets', sketch.classes(4, 5)],
  ]);
}

/** From an initial to the final state, and all outputs, which are masked. */
function further([name, op, over, layer]: (typeof furtherVariants)[number]): TrainingCase {
  const sketch = new Sketch();
  const hidden = 5;
  const width = layer.projection ?? hidden;
  const widths: [string, number][] = [
    ['h', width],
    ...(op === 'LSTM' ? [['c', hidden] as [string, number]] : []),
  ];
  for (const [state, own] of widths) sketch.dense(`${state}0`, state, [2, own]);
  const finals = widths.map(([state]) => `${state}T`);
  const inputs = ['x', ...widths.map(([state]) => state)];
  // What a projection is applied to comes last.
  const outputs = ['all', 'last', ...finals, ...(layer.projection ? ['hidden'] : [])];
  const node = { inputs, outputs, mask: 'mask', ...over };
  sketch.recurrent(op, [3, hidden], node, layer.biases ?? 1, layer);
  sketch.recurrent('GRU', [width, 4], { inputs: ['all'], outputs: ['second', 'read'], mask: 'mask' });
  sketch.concat([...finals, 'read'], 'joined');
  sketch.dense('joined', 'y', [widths.reduce((sum, [, own]) => sum + own, 4), 3]);
  const mask = sketch.mask();
  const [batch, steps] = mask.shape;
  return sketch.case(name, 'y', squaredError(3), [
    ['x', sketch.floats(batch, steps, 3)],
    ['mask', mask],
    ...widths.map(([state]): [string, Tensor] => [`${state}0`, sketch.floats(batch, 2)]),
    ['targets', sketch.floats(batch, 3)],
  ]);
}
