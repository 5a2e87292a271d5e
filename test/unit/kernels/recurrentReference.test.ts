import '#gradients';
import '@tensorflow/tfjs-backend-cpu';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import type { Variable } from '../../../extension/engine/engine.ts';
import { recurrentOperator } from '../../../extension/engine/ops/recurrent.ts';
import {
  type RecurrentOutputs,
  type RecurrentProblem,
  recurrentForward,
  recurrentGradients,
} from '../../../extension/engine/reference/recurrent.ts';
import type { RecurrentNode } from '../../../extension/model/graph.ts';
import { memoryLayer } from '../../support/memoryModel.ts';
import { type Case, type CaseData, dataOf, plainCase } from './recurrentCases.ts';

const kinds: Case['kind'][] = ['LSTM', 'GRU', 'resetAfter', 'RNN'];
const small = { batch: 3, steps: 4, inputs: 2, units: 3, biases: 2 as const };

/** Everything at once, and the plain layer. */
const variants: Partial<Case>[] = [
  {},
  { masked: true, initial: true, reverse: true },
  { masked: true, zeroMaskedOutput: true, initial: true },
  { initial: true, dropout: true, recurrentDropout: true },
  { gate: { op: 'HardSigmoid', alpha: 0.2, beta: 0.5 }, activation: { op: 'Relu' }, initial: true },
];

const outputNames = ['sequence', 'last', 'final', 'finalCell'] as const;

/** Σ upstream · outputs */
function loss(problem: RecurrentProblem, upstream: Partial<RecurrentOutputs>): number {
  const outputs = recurrentForward(problem);
  let sum = 0;
  for (const name of outputNames) {
    upstream[name]?.forEach((value, i) => {
      sum += value * outputs[name][i];
    });
  }
  return sum;
}

for (const kind of kinds) {
  test(`${kind}: the reference's gradients are what small changes of every value do to the outputs`, () => {
    for (const variant of variants) {
      const { problem, upstream } = dataOf({ ...plainCase, ...small, ...variant, kind });
      const gradients = recurrentGradients(problem, upstream);
      const names = ['x', 'h', 'c', 'kernel', 'recurrent', 'inputBias', 'recurrentBias'] as const;
      for (const name of names) {
        const values = problem[name];
        if (!values || (name === 'c' && kind !== 'LSTM')) continue;
        const found = gradients[name];
        for (const i of values.keys()) {
          if (Number.isNaN(values[i])) {
            assert.equal(found[i], 0, 'what stands at masked steps has no gradient');
            continue;
          }
          const step = 1e-6;
          const at = (change: number) => {
            const changed = Float64Array.from(values);
            changed[i] += change;
            return loss({ ...problem, [name]: changed }, upstream);
          };
          const expected = (at(step) - at(-step)) / (2 * step);
          const what = `${name}[${i}] of ${JSON.stringify(variant)}`;
          assert.ok(Math.abs(found[i] - expected) < 1e-7, `${what}: ${found[i]}, by differences ${expected}`);
        }
      }
    }
  });

  test(`${kind}: the reference computes what TensorFlow.js' operations do, step by step`, async () => {
    await tf.setBackend('cpu');
    for (const variant of variants.filter(({ dropout }) => !dropout)) {
      const one = { ...plainCase, ...small, ...variant, kind };
      const data = dataOf(one);
      const { problem, upstream } = data;
      const found = tf.tidy(() => unrolled(one, data));
      const expected = { ...recurrentForward(problem), ...prefixed(recurrentGradients(problem, upstream)) };
      for (const [name, values] of Object.entries(found)) {
        const known = expected[name as keyof typeof expected];
        const largest = Math.max(...known.map(Math.abs));
        for (const [i, value] of known.entries()) {
          assert.ok(
            Math.abs(values[i] - value) <= 2e-6 * largest,
            `${name}[${i}] of ${JSON.stringify(variant)}`,
          );
        }
      }
    }
  });
}

function prefixed(gradients: object): Record<string, Float64Array> {
  return Object.fromEntries(Object.entries(gradients).map(([name, values]) => [`gradient ${name}`, values]));
}

/** Outputs and gradients by ops/recurrent.ts. */
function unrolled(one: Case, { problem, upstream }: CaseData): Record<string, Float32Array> {
  const { kind, batch, steps, inputs, units } = one;
  const cell = kind === 'resetAfter' ? 'GRU' : kind;
  const rows = problem.kernel.length / inputs;
  const node: RecurrentNode = {
    op: cell,
    layer: memoryLayer({ cell, inputSize: inputs, hiddenSize: units }, () => 0.5),
    inputs: ['x', ...(one.initial ? ['h', ...(kind === 'LSTM' ? ['c'] : [])] : [])],
    outputs: [...outputNames],
    origin: 'layer',
    gateActivation: one.gate,
    activation: one.activation,
    linearBeforeReset: kind === 'resetAfter',
    reverse: one.reverse,
    zeroMaskedOutput: one.zeroMaskedOutput,
    ...(one.masked && { mask: 'mask' }),
  };
  // The unroll's products would spread the NaN that stands at masked steps.
  const x = problem.x.map((value) => (Number.isNaN(value) ? 0 : value));
  const shapes = {
    x: [batch, steps, inputs],
    h: [batch, units],
    c: [batch, units],
    kernel: [rows, inputs],
    recurrent: [rows, units],
    inputBias: [rows],
    recurrentBias: [rows],
  };
  const values = { ...problem, x };
  const present = (Object.keys(shapes) as (keyof typeof shapes)[]).filter(
    (name) => values[name] && (name !== 'c' || kind === 'LSTM'),
  );
  const tensors = present.map((name) => tf.tensor(Float32Array.from(values[name] ?? []), shapes[name]));
  const mask = problem.mask && tf.tensor(Float32Array.from(problem.mask), [batch, steps]);
  const outputs = (...given: tf.Tensor[]): tf.Tensor[] => {
    const of = (name: string) =>
      name === 'mask' ? (mask as tf.Tensor) : given[present.indexOf(name as 'x')];
    const weights = ['kernel', 'recurrent', 'inputBias', 'recurrentBias'].map(of);
    const variables = weights.map((tensor) => ({ tensor }) as unknown as Variable);
    const run = { training: true, dropoutSeed: undefined, wants: () => true };
    return recurrentOperator(node).forward(of, variables, run) as tf.Tensor[];
  };
  const scalarLoss = (...given: tf.Tensor[]) =>
    outputs(...given)
      .map((output, i) => {
        const weights = upstream[outputNames[i]] ?? new Float64Array(output.size);
        return tf.sum(tf.mul(output, tf.tensor(Float32Array.from(weights), output.shape)));
      })
      .reduce((a, b) => tf.add(a, b));
  const gradients = tf.grads(scalarLoss)(tensors);
  const found: [string, tf.Tensor][] = [
    ...outputs(...tensors).map((output, i): [string, tf.Tensor] => [outputNames[i], output]),
    ...gradients.map((gradient, i): [string, tf.Tensor] => [`gradient ${present[i]}`, gradient]),
  ];
  return Object.fromEntries(found.map(([name, value]) => [name, value.dataSync() as Float32Array]));
}
