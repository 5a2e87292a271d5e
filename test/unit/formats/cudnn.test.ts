// Layers of Keras 2 over cuDNN. What they hold is told by the same model with plain layers, whose arrays are put into cuDNN's order here.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { fromCudnn, toCudnn } from '../../../extension/formats/keras/cudnn.ts';
import { openModel } from '../../../extension/formats/open.ts';
import type { Model } from '../../../extension/model/model.ts';
import { readMasked } from '../../../extension/model/parameter.ts';
import { solveShrinking } from '../../../extension/pruning/units/shrink.ts';
import { unitSetsOf } from '../../../extension/pruning/units/unitSets.ts';
import { type StoredWeight, writeKerasH5 } from '../../support/kerasFile.ts';
import { maskUnit } from '../../support/maskUnits.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { recurrent } from './lowered.ts';
import { weight, withModel } from './open.ts';

const write = scratchFiles();
const inputs = 3;
const hidden = 5;
const gatesIn = { LSTM: 4, GRU: 3 } as const;
type Cell = keyof typeof gatesIn;

/** The columns of one gate of a matrix [rows, gates · width], row by row. */
function block({ shape: [rows, columns], values }: StoredWeight, gate: number, width: number): number[][] {
  return Array.from({ length: rows }, (_, r) =>
    Array.from({ length: width }, (_, c) => values[r * columns + gate * width + c]),
  );
}

/** By Keras' formula: each gate's matrix transposed, its values laid out again in the gate's own shape. */
function reordered(matrix: StoredWeight, gates: number): StoredWeight {
  const [rows, columns] = matrix.shape;
  const width = columns / gates;
  const values = new Float32Array(rows * columns);
  for (let gate = 0; gate < gates; gate++) {
    const own = block(matrix, gate, width);
    const transposed = Array.from({ length: width }, (_, c) => own.map((row) => row[c])).flat();
    for (const [i, value] of transposed.entries())
      values[Math.floor(i / width) * columns + gate * width + (i % width)] = value;
  }
  return { ...matrix, values };
}

/** Arrays of a plain layer and of one over cuDNN with the same weights; cuDNN adds two biases. */
function bothArrays(cell: Cell, name = 'rnn'): { plain: StoredWeight[]; cudnn: StoredWeight[] } {
  const gates = gatesIn[cell];
  const width = gates * hidden;
  const kernel = weight(`${name}/kernel:0`, inputs, width);
  const recurrentKernel = weight(`${name}/recurrent_kernel:0`, hidden, width);
  const bias = weight(`${name}/bias:0`, 2 * width);
  const both = Array.from(bias.values);
  const sum = both.slice(0, width).map((value, i) => value + both[width + i]);
  return {
    plain: [
      kernel,
      recurrentKernel,
      cell === 'GRU' ? { ...bias, shape: [2, width] } : { ...bias, shape: [width], values: sum },
    ],
    cudnn: [reordered(kernel, gates), reordered(recurrentKernel, gates), bias],
  };
}

function layerJson(cell: Cell, cudnn: boolean, more: Record<string, unknown> = {}) {
  const settings = { units: hidden, return_sequences: false, ...more };
  if (!cudnn) return recurrent(cell, { ...settings, reset_after: cell === 'GRU' });
  // These layers write neither activations nor reset_after.
  const { activation, recurrent_activation, ...config } = recurrent(cell, settings).config;
  return { class_name: `CuDNN${cell}`, config };
}

/** The model with plain layers and that with cuDNN's: the layer, alone or both ways, and a Dense that reads it. */
async function bothFiles(cell: Cell, bidirectional = false): Promise<{ plain: string; cudnn: string }> {
  const outputs = bidirectional ? 2 * hidden : hidden;
  const dense = [weight('dense/kernel:0', outputs, 2), weight('dense/bias:0', 2)];
  const names = bidirectional ? ['rnn/forward_rnn', 'rnn/backward_rnn'] : ['rnn'];
  const arrays = names.map((name) => bothArrays(cell, name));
  const make = (kind: 'plain' | 'cudnn') => {
    const own = layerJson(cell, kind === 'cudnn');
    const layer = bidirectional
      ? { class_name: 'Bidirectional', config: { name: 'rnn', merge_mode: 'concat', layer: own } }
      : own;
    const config = { ...layer.config, batch_input_shape: [null, 4, inputs] };
    const denseJson = { class_name: 'Dense', config: { name: 'dense', units: 2, activation: 'softmax' } };
    return writeKerasH5(write(`${kind}-${cell}-${bidirectional}.h5`, ''), {
      config: { class_name: 'Sequential', config: { name: 's', layers: [{ ...layer, config }, denseJson] } },
      kerasVersion: '2.2.4',
      layers: [
        { name: 'rnn', weights: arrays.flatMap((both) => both[kind]) },
        { name: 'dense', weights: dense },
      ],
    });
  };
  return { plain: await make('plain'), cudnn: await make('cudnn') };
}

function free(name: string): string {
  const path = write(name, '');
  rmSync(path);
  return path;
}

/** Values of the matrices by name; biases are summed where there are two. */
async function matricesOf({ parameters }: Model): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {};
  for (const parameter of parameters)
    if (!parameter.name.endsWith('bias')) found[parameter.name] = [...(await parameter.read())];
  return found;
}

test("a gate's values stand row by row of its transpose: worked by hand", () => {
  // One gate of two inputs a, b and three units: Keras [[a0 a1 a2], [b0 b1 b2]], cuDNN [[a0 b0], [a1 b1], [a2 b2]].
  const keras = Float32Array.of(0, 1, 2, 10, 11, 12);
  const cudnn = Float32Array.of(0, 10, 1, 11, 2, 12);
  const matrix = { shape: [2, 3], gates: 1 };
  assert.deepEqual(toCudnn(keras, matrix), cudnn);
  assert.deepEqual(fromCudnn(cudnn, matrix), keras);
  // With a second gate the rows of both lie side by side.
  const two = { shape: [2, 6], gates: 2 };
  const both = Float32Array.of(0, 10, 1, 100, 110, 101, 11, 2, 12, 111, 102, 112);
  assert.deepEqual([...fromCudnn(both, two)], [0, 1, 2, 100, 101, 102, 10, 11, 12, 110, 111, 112]);
});

for (const cell of ['LSTM', 'GRU'] as const) {
  for (const bidirectional of [false, true]) {
    const name = bidirectional ? `Bidirectional(CuDNN${cell})` : `CuDNN${cell}`;

    test(`${name} has the matrices and the graph of a plain ${cell}`, async () => {
      const { plain, cudnn } = await bothFiles(cell, bidirectional);
      const expected = await withModel(plain, async (model) => ({
        model,
        matrices: await matricesOf(model),
      }));
      await withModel(cudnn, async (model) => {
        assert.deepEqual(await matricesOf(model), expected.matrices);
        const shapeOf = ({ graph }: Model) =>
          graph?.nodes.map((node) => ({
            op: node.op,
            inputs: node.inputs,
            ...('gateActivation' in node && {
              activations: [node.activation, node.gateActivation],
              after: node.linearBeforeReset === true,
            }),
          }));
        assert.deepEqual(shapeOf(model), shapeOf(expected.model));
        for (const { gates, zeroPreserving } of model.layers) {
          assert.ok(zeroPreserving);
          for (const { biases } of gates) assert.equal(biases.length, 2);
        }
      });
    });

    test(`${name} that is masked and trained has in its file cuDNN's order again`, async () => {
      const { plain, cudnn } = await bothFiles(cell, bidirectional);
      const saved: Record<string, Record<string, number[]>> = {};
      for (const path of [plain, cudnn]) {
        const target = free('saved.h5');
        await withModel(path, async (model) => {
          for (const { gates } of model.layers) {
            for (const { parameter } of [gates[0].kernel, gates[0].recurrent]) {
              const values = await parameter.read();
              parameter.mask = Uint8Array.from(values, (_, i) => (i % 3 === 0 ? 0 : 1));
              parameter.trained = values.map((value) => 2 * value);
            }
          }
          await model.save(target, { compress: false });
        });
        saved[path] = await withModel(target, matricesOf);
      }
      assert.deepEqual(saved[cudnn], saved[plain]);
      assert.ok(
        Object.values(saved[cudnn])
          .flat()
          .filter((value) => value === 0).length > 0,
      );
    });

    test(`${name} that loses units is the plain ${cell} that loses them`, async () => {
      const { plain, cudnn } = await bothFiles(cell, bidirectional);
      const shrunk: Record<string, unknown> = {};
      for (const path of [plain, cudnn]) {
        const target = free('shrunk.h5');
        await withModel(path, async (model) => {
          for (const set of unitSetsOf(model)) for (const unit of [0, 3]) maskUnit(set, unit);
          const { shrinking } = await solveShrinking(model, readMasked);
          assert.ok(shrinking);
          await model.save(target, { compress: false, shrink: shrinking });
        });
        shrunk[path] = await withModel(target, async (model) => {
          assert.ok(model.graph);
          assert.deepEqual(new Set(model.layers.map(({ hiddenSize }) => hiddenSize)), new Set([3]));
          return matricesOf(model);
        });
      }
      assert.deepEqual(shrunk[cudnn], shrunk[plain]);
    });
  }
}

test('a CuDNNLSTM that is given a mask is named, as Keras refuses it too', async () => {
  const masking = { class_name: 'Masking', config: { name: 'm', batch_input_shape: [null, 4, inputs] } };
  const path = await writeKerasH5(write('masked.h5', ''), {
    config: { class_name: 'Sequential', config: { name: 's', layers: [masking, layerJson('LSTM', true)] } },
    kerasVersion: '2.2.4',
    layers: [{ name: 'rnn', weights: bothArrays('LSTM').cudnn }],
  });
  const model = await openModel(path);
  assert.equal(model.notEvaluable?.code, 'layerOptionUnsupported');
  assert.deepEqual(model.notEvaluable?.args, {
    layer: 'rnn',
    type: 'CuDNNLSTM',
    setting: { code: 'optionMasked', args: {} },
  });
  await model.close();
});
