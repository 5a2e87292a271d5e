// Graph models made by real TensorFlow from Keras models: their recurrent weights are found, and pruned in place.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openModel } from '../../extension/formats/open.ts';
import { prune } from '../../extension/jobs/prune.ts';
import { type GateView, gathered } from '../../extension/model/gateView.ts';
import type { RecurrentLayer } from '../../extension/model/recurrentLayer.ts';
import type { Tensor } from '../../extension/model/tensor.ts';
import { recordedContext } from '../support/jobContext.ts';
import { runNode, runPython, scratchFolder } from './environment.ts';
import { type PackedArray, unpacked } from './packedArray.ts';

type Matrices = Readonly<Record<string, readonly [kernel: PackedArray, recurrent: PackedArray]>>;

const { folder, remove } = await scratchFolder();
after(remove);
const models = JSON.parse(await runPython('makeGraphModels.py', [folder])) as Record<string, Matrices>;

/** The columns of a gate in Keras' matrix [in, gates · H], as [H, in]. */
function gateOf({ shape: [rows, columns], data }: Tensor, gate: number, hidden: number): number[] {
  return Array.from({ length: hidden * rows }, (_, i) => {
    const [unit, row] = [Math.floor(i / rows), i % rows];
    return data[row * columns + gate * hidden + unit];
  });
}

/** TensorFlow numbers the names of what is called again. */
function kerasName({ name }: RecurrentLayer): string {
  return name.replace(/_1(?=\/|$)/, '');
}

async function valuesOf(view: GateView): Promise<number[]> {
  return [...gathered(view, await view.parameter.read())];
}

describe('graph models', () => {
  for (const [name, layers] of Object.entries(models)) {
    test(`${name}: each gate of each layer is where Keras has it`, async () => {
      const model = await openModel(join(folder, name));
      try {
        assert.deepEqual(model.layers.map(kerasName).sort(), Object.keys(layers).sort());
        for (const found of model.layers) {
          const { hiddenSize, gates } = found;
          const layer = kerasName(found);
          const [kernel, recurrent] = layers[layer].map(unpacked);
          for (const [g, gate] of gates.entries()) {
            assert.deepEqual(
              await valuesOf(gate.kernel),
              gateOf(kernel, g, hiddenSize),
              `${layer} ${gate.name}`,
            );
            assert.deepEqual(
              await valuesOf(gate.recurrent),
              gateOf(recurrent, g, hiddenSize),
              `${layer} ${gate.name}`,
            );
          }
        }
      } finally {
        await model.close();
      }
    });

    test(`${name}: TensorFlow.js reads the zeros, and all else as it was`, async () => {
      const original = join(folder, name, 'model.json');
      const output = join(folder, `${name}_pruned`);
      const report = await prune({ path: original, recipe: { sparsity: 0.5 }, output }, recordedContext());
      const pruned = join(output, 'model.json');
      assert.equal(report.output, pruned);
      const [before, now] = JSON.parse(await runNode('tfjs/judgeGraph.ts', [original, pruned])) as Record<
        string,
        PackedArray
      >[];
      const model = await openModel(pruned);
      try {
        const touched = new Set(
          model.layers.flatMap(({ gates }) =>
            gates.flatMap(({ kernel, recurrent }) => [kernel.parameter.name, recurrent.parameter.name]),
          ),
        );
        for (const [weight, array] of Object.entries(before)) {
          const [was, is] = [unpacked(array).data, unpacked(now[weight]).data];
          const zeros = is.filter((value) => value === 0).length;
          if (touched.has(weight))
            assert.ok(zeros > is.length / 5, `${weight} has ${zeros} zeros of ${is.length}`);
          else assert.deepEqual(is, was, weight);
          for (const [i, value] of is.entries()) assert.ok(value === 0 || value === was[i], weight);
        }
      } finally {
        await model.close();
      }
    });
  }
});
