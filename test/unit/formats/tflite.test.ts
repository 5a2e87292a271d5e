import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { openModel, probeModel } from '../../../extension/formats/open.ts';
import { gathered } from '../../../extension/model/gateView.ts';
import type { Model } from '../../../extension/model/model.ts';
import type { FlatFields } from '../../support/flatBuffer.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { floatBytes, smallTflite, type TfliteParts, tfliteBytes } from '../../support/tfliteFile.ts';

const write = scratchFiles();
let count = 0;

async function withModel<T>(parts: TfliteParts, use: (model: Model, path: string) => Promise<T>): Promise<T> {
  const path = write(`${count++}.tflite`, tfliteBytes(parts));
  const model = await openModel(path);
  try {
    return await use(model, path);
  } finally {
    await model.close();
  }
}

/** The small model with one of its tensors made another. */
function withTensor(name: string, change: Partial<TfliteParts['tensors'][number]>): TfliteParts {
  const parts = smallTflite();
  return { ...parts, tensors: parts.tensors.map((one) => (one.name === name ? { ...one, ...change } : one)) };
}

function floats(bytes: Uint8Array): number[] {
  return [...new Float32Array(bytes.slice().buffer)];
}

/** A bidirectional LSTM whose directions have the same weights, with kernels [4, 2] of a second sequence of the gates that are named. */
function auxiliaryKernels(named: readonly string[]): TfliteParts {
  const parts = smallTflite();
  const [{ inputs, outputs, options = {} }] = parts.operators;
  const [x, ...own] = inputs;
  const [direction, states] = [own.slice(0, 17), own.slice(17)];
  const kernel = parts.tensors.length;
  const tensors = [
    ...parts.tensors,
    { name: 'auxiliary', shape: [4, 2], values: floatBytes(8, 1) },
    { name: 'backward', shape: [1, 5, 4] },
  ];
  const auxiliary = ['i', 'f', 'c', 'o'].map((gate) => (named.includes(gate) ? kernel : -1));
  const read = [x, ...direction, ...direction, ...states, ...states, x, ...auxiliary, ...auxiliary];
  const layout = { ...options, 4: { byte: 0 } };
  const operator = { code: 52, inputs: read, outputs: [...outputs, kernel + 1], options: layout };
  return { tensors, operators: [operator], inputs: [x], outputs };
}

describe('a TensorFlow Lite file', () => {
  test('has a layer whose gates are the tensors that the operator reads', async () => {
    const parts = smallTflite();
    await withModel(parts, async ({ layers, notEvaluable }, path) => {
      assert.deepEqual((await probeModel(path)).recurrentLayers, ['lstm']);
      const [{ cell, inputSize, hiddenSize, gates }] = layers;
      assert.deepEqual([cell, inputSize, hiddenSize, notEvaluable], ['LSTM', 3, 4, undefined]);
      for (const { name, kernel, recurrent, biases } of gates) {
        for (const [view, role] of [
          [kernel, 'kernel'],
          [recurrent, 'recurrent'],
          [biases[0], 'bias'],
        ] as const) {
          const stored = parts.tensors.find((tensor) => tensor.name === `lstm/${role}_${name}`)?.values;
          const found = gathered(view, await view.parameter.read());
          assert.deepEqual([...found], floats(stored ?? new Uint8Array()), `${role} ${name}`);
        }
      }
    });
  });

  test('is saved in place: what is masked becomes 0, every other byte stays', async () => {
    await withModel(smallTflite(), async (model, path) => {
      const kernel = model.parameters.find(({ name }) => name === 'lstm/kernel_f');
      assert.ok(kernel);
      const before = await kernel.read();
      kernel.mask = Uint8Array.from(before, (_, i) => i % 2);
      const output = join(dirname(path), `saved${count}.tflite`);
      await model.save(output, { compress: false });
      const [original, saved] = [readFileSync(path), readFileSync(output)];
      const changed = [...original.keys()].filter((at) => original[at] !== saved[at]);
      assert.equal(saved.length, original.length);
      assert.ok(changed.length > 0 && changed.length <= 4 * (before.length / 2), `${changed.length} bytes`);
      const again = await openModel(output);
      const values = await again.parameters.find(({ name }) => name === 'lstm/kernel_f')?.read();
      await again.close();
      assert.deepEqual(
        [...(values ?? [])],
        [...before].map((value, i) => (i % 2 === 0 ? 0 : value)),
      );
    });
  });

  test('of whole numbers has the values that these stand for, by one scale or one a row', async () => {
    const values = Uint8Array.from({ length: 12 }, (_, i) => i - 4);
    const quantization = (scales: number[], zeros: number[]): FlatFields => ({
      2: { floats: scales },
      3: { longs: zeros },
      6: { int: 0 },
    });
    const signed = [...new Int8Array(values.buffer)];
    for (const [scales, zeros] of [
      [[0.5], [2]],
      [
        [0.5, 0.25, 1, 2],
        [0, 1, 2, 3],
      ],
    ]) {
      const parts = withTensor('lstm/kernel_i', {
        type: 9,
        values,
        quantization: quantization(scales, zeros),
      });
      await withModel(parts, async ({ parameters }) => {
        const found = await parameters.find(({ name }) => name === 'lstm/kernel_i')?.read();
        const row = (i: number) => (scales.length === 1 ? 0 : Math.floor(i / 3));
        assert.deepEqual(
          [...(found ?? [])],
          signed.map((q, i) => (q - zeros[row(i)]) * scales[row(i)]),
        );
      });
    }
  });

  test('of unsigned numbers that a DEQUANTIZE makes floats of has those floats', async () => {
    const values = Uint8Array.from({ length: 12 }, (_, i) => 20 * i);
    const { tensors, operators, ...rest } = smallTflite();
    const kernel = tensors.findIndex(({ name }) => name === 'lstm/kernel_i');
    const { name, shape } = tensors[kernel];
    const quantization: FlatFields = { 2: { floats: [0.25] }, 3: { longs: [100] }, 6: { int: 0 } };
    const stored = { name: 'stored', shape, type: 3, values, quantization };
    const parts: TfliteParts = {
      ...rest,
      tensors: [...tensors.with(kernel, { name, shape }), stored],
      operators: [{ code: 6, inputs: [tensors.length], outputs: [kernel] }, ...operators],
    };
    await withModel(parts, async ({ layers }) => {
      const { kernel: view } = layers[0].gates.find((gate) => gate.name === 'i') ?? layers[0].gates[0];
      assert.deepEqual(
        [...gathered(view, await view.parameter.read())],
        [...values].map((q) => (q - 100) * 0.25),
      );
    });
  });

  for (const named of ['fco', 'ifc', 'c'])
    test(`in which gates ${named} alone read a second sequence has its gates, and is refused by name`, () =>
      withModel(auxiliaryKernels([...named]), async ({ layers, notEvaluable }) => {
        for (const { gates, zeroPreserving } of layers) {
          const own = gates.filter(({ auxiliary }) => auxiliary).map(({ name }) => name);
          assert.deepEqual([own.join(''), zeroPreserving], [named, false]);
        }
        assert.deepEqual([layers.length, notEvaluable?.cause?.code], [2, 'reasonSomeAuxiliary']);
      }));

  test('whose tensors share a name or values has parameters of their own names', async () => {
    const shared = floatBytes(4, 1);
    const parts = withTensor('lstm/bias_f', { name: 'lstm/bias_i', values: shared });
    await withModel(parts, async ({ parameters }) => {
      const names = parameters.map(({ name }) => name);
      assert.equal(new Set(names).size, names.length);
      assert.ok(names.includes('lstm/bias_i#2'));
    });
  });

  const uses: Record<string, (parts: TfliteParts) => TfliteParts> = {
    'a dense layer with shuffled weights': changedOperator(9, { options: { 1: { byte: 1 } } }),
    'a dense layer that would join samples': ({ operators, ...parts }) => ({
      ...parts,
      operators: operators.map((one) => (one.code === 9 ? { ...one, inputs: [0, 19, 20] } : one)),
    }),
    'a place of an axis that is not there': changedOperator(45, { inputs: [15, 16, 17] }),
    'an operator that is not computed': changedOperator(45, { code: 77 }),
    'a merge of nothing': changedOperator(45, { code: 2, inputs: [] }),
  };
  for (const [what, change] of Object.entries(uses)) {
    test(`with ${what} can be pruned, and says why it is not evaluated`, async () => {
      await withModel(change(smallTflite()), async ({ layers, graph, notEvaluable }) => {
        assert.equal(layers.length, 1);
        assert.equal(graph, undefined);
        assert.match(notEvaluable?.code ?? '', /^(operatorUseUnsupported|tfliteOperatorUnsupported)$/);
      });
    });
  }
});

function changedOperator(
  code: number,
  change: Partial<TfliteParts['operators'][number]>,
): (parts: TfliteParts) => TfliteParts {
  return ({ operators, ...parts }) => ({
    ...parts,
    operators: operators.map((one) => (one.code === code ? { ...one, ...change } : one)),
  });
}
