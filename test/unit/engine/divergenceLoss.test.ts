import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpuEngine } from '../../../extension/engine/cpu/engine.ts';
import { createSession } from '../../../extension/engine/createSession.ts';
import { graphSession } from '../../../extension/engine/graphSession.ts';
import type { Session } from '../../../extension/engine/session.ts';
import type { Graph } from '../../../extension/model/graph.ts';
import type { Loss } from '../../../extension/model/loss.ts';
import type { Tensor } from '../../../extension/model/tensor.ts';
import { tensor } from './compute.ts';

const engines: Record<string, (graph: Graph) => Promise<Session>> = {
  WebAssembly: (graph) => createSession(graph, { engine: 'wasm' }),
  'TensorFlow.js': (graph) => graphSession(graph, cpuEngine, []),
};
const softmax: Loss = {
  name: 'categorical_crossentropy',
  head: 'softmax',
  width: 2,
  fromLogits: true,
  divergence: true,
};
const sigmoid: Loss = { ...softmax, name: 'binary_crossentropy', head: 'sigmoid' };
const ln = Math.log;

/** Mean loss of logits [1, steps, 2] against probabilities of the same shape. */
async function meanLoss(open: (graph: Graph) => Promise<Session>, loss: Loss, inputs: Tensor[]) {
  const values = ['logits', 'targets', 'mask'].slice(0, inputs.length);
  const graph: Graph = {
    inputs: values.map((name, i) => ({ name, shape: [null, ...inputs[i].shape.slice(1)], dtype: 'float32' })),
    nodes: [
      {
        op: 'Loss',
        loss,
        inputs: ['logits', 'targets'],
        outputs: ['loss', 'rows'],
        origin: 'loss',
        ...(inputs.length === 3 && { mask: 'mask' }),
      },
    ],
    outputs: [{ name: 'loss' }],
  };
  const session = await open(graph);
  const [{ data }] = await session.observe(inputs, ['loss']);
  await session.dispose();
  return data[0];
}

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} is not ${expected}`);
}

for (const [name, open] of Object.entries(engines)) {
  // (3/4, 1/4) against (1/2, 1/2), and a certain answer against (1/2, 1/2).
  const targets = tensor([1, 2, 2], [0.75, 0.25, 1, 0]);
  const logits = tensor([1, 2, 2], [5, 5, 0, 0]);
  const first = 0.75 * ln(1.5) + 0.25 * ln(0.5);

  test(`${name}: a divergence is KL(targets ‖ outputs), the mean over rows, 0 log 0 being 0`, async () => {
    near(await meanLoss(open, softmax, [logits, targets]), (first + ln(2)) / 2);
    const yesNo = [tensor([1, 1, 2], [0, 0]), tensor([1, 1, 2], [0.75, 0])];
    near(await meanLoss(open, sigmoid, yesNo), (first + ln(2)) / 2);
  });

  test(`${name}: masked steps count neither in the divergence nor in what is taken off`, async () => {
    near(await meanLoss(open, softmax, [logits, targets, tensor([1, 2], [1, 0])]), first);
    near(await meanLoss(open, softmax, [logits, targets, tensor([1, 2], [0, 1])]), ln(2));
  });

  test(`${name}: outputs that equal the targets do not diverge`, async () => {
    const equal = [tensor([1, 2, 2], [ln(3), 0, 2, 2]), tensor([1, 2, 2], [0.75, 0.25, 0.5, 0.5])];
    const found = await meanLoss(open, softmax, equal);
    assert.ok(found >= 0 && found < 1e-6, String(found));
  });
}
