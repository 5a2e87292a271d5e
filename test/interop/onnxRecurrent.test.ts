// Every form of ONNX' recurrent operators, judged by ONNX Runtime.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createSession } from '../../extension/engine/createSession.ts';
import type { CellActivation } from '../../extension/model/graph.ts';
import type { Tensor } from '../../extension/model/tensor.ts';
import { runPython, scratchFolder } from './environment.ts';
import { batchFirst, type OnnxCase, type OnnxChoice, onnxCase, slice } from './onnxRecurrentCases.ts';
import { type PackedArray, packed, unpacked } from './packedArray.ts';

const tolerance = 1e-5;
const either = [false, true];
const directions = ['forward', 'reverse', 'bidirectional'] as const;
const clips = [undefined, 0.5];

/** What ONNX allows in these operators, with constants where it has some. */
const functions: CellActivation[] = [
  { op: 'Relu' },
  { op: 'Tanh' },
  { op: 'Sigmoid' },
  { op: 'Affine', alpha: 0.6, beta: 0.1 },
  { op: 'LeakyRelu', alpha: 0.2 },
  { op: 'ThresholdedRelu', alpha: 0.3 },
  { op: 'ScaledTanh', alpha: 0.8, beta: 0.7 },
  { op: 'HardSigmoid', alpha: 0.3, beta: 0.4 },
  { op: 'Elu', alpha: 0.7 },
  { op: 'Softsign' },
  { op: 'Softplus' },
];

const lstms = product({
  op: ['LSTM'],
  direction: directions,
  activations: [
    undefined,
    [{ op: 'HardSigmoid', alpha: 0.3, beta: 0.4 }, { op: 'Softsign' }, { op: 'Elu', alpha: 0.7 }],
  ],
  clip: clips,
  lengths: either,
  initial: either,
  peepholes: either,
  inputForget: either,
});
const grus = product({
  op: ['GRU'],
  direction: directions,
  activations: [undefined, [{ op: 'HardSigmoid', alpha: 0.3, beta: 0.4 }, { op: 'Softsign' }]],
  clip: clips,
  lengths: either,
  initial: either,
  linearBeforeReset: either,
});
const rnns = product({
  op: ['RNN'],
  direction: directions,
  activations: functions.map((one) => [one]),
  clip: clips,
  lengths: either,
  initial: either,
});

/** Every combination of the values of all keys. */
function product(values: { readonly [Key in keyof OnnxChoice]: readonly OnnxChoice[Key][] }): OnnxChoice[] {
  let found: Partial<OnnxChoice>[] = [{}];
  for (const [key, all] of Object.entries(values))
    found = found.flatMap((one) => all.map((value) => ({ ...one, [key]: value })));
  return found as OnnxChoice[];
}

const cases = [...lstms, ...grus, ...rnns].map((choice, i) => onnxCase(choice, i + 1));
let answers: PackedArray[][];
let remove: () => Promise<void>;

before(async () => {
  const scratch = await scratchFolder();
  remove = scratch.remove;
  const file = join(scratch.folder, 'cases.json');
  const jobs = cases.map(({ op, attributes, arrays }) => {
    const inputs = Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, packed(array)]));
    return { op, attributes, inputs };
  });
  await writeFile(file, JSON.stringify(jobs));
  answers = JSON.parse(await runPython('onnxRecurrent.py', [file])) as PackedArray[][];
});
after(() => remove());

describe('our engine computes what ONNX Runtime does', () => {
  for (const [i, one] of cases.entries()) {
    test(one.name, async () => {
      const found = await computed(one);
      const [y, ...finals] = answers[i].map(unpacked);
      const directions = y.shape[1];
      for (let d = 0; d < directions; d++) {
        compare(found(`all${d}`), batchFirst(direction(y, d)), `Y of direction ${d}`);
        for (const [s, state] of finals.entries())
          compare(found(`${'hc'[s]}${d}`), slice(state, d), `the final ${'hc'[s]} of direction ${d}`);
      }
    });
  }
});

async function computed({ graph, inputs }: OnnxCase): Promise<(name: string) => Tensor> {
  const names = graph.nodes.flatMap((node) => ('layer' in node ? node.outputs : []));
  const session = await createSession(graph, { threads: 1 });
  try {
    const tensors = await session.observe(inputs, names);
    return (name) => tensors[names.indexOf(name)];
  } finally {
    await session.dispose();
  }
}

/** Y [T,dirs,B,H] of one direction: [T,B,H]. */
function direction({ shape: [steps, directions, batch, hidden], data }: Tensor, d: number): Tensor {
  const size = batch * hidden;
  const parts = Array.from({ length: steps }, (_, t) => [
    ...data.subarray((t * directions + d) * size, (t * directions + d + 1) * size),
  ]);
  return { shape: [steps, batch, hidden], data: Float32Array.from(parts.flat()) };
}

function compare(found: Tensor, expected: Tensor, what: string): void {
  assert.deepEqual(found.shape, expected.shape, what);
  for (const [i, value] of expected.data.entries()) {
    const off = Math.abs(found.data[i] - value);
    assert.ok(
      off <= tolerance * Math.max(1, Math.abs(value)),
      `${what}: value ${i} is ${found.data[i]}, not ${value}`,
    );
  }
}
