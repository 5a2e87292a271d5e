// Many ways in which TorchScript reads its layers: computed by us as by PyTorch, or refused by name.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openModel } from '../../extension/formats/open.ts';
import type { Tensor } from '../../extension/model/tensor.ts';
import { runPython, scratchFolder } from './environment.ts';
import { runGraph } from './forward.ts';

interface Scripted {
  readonly x: readonly number[];
  readonly xShape: readonly number[];
  readonly y: readonly number[];
  readonly yShape: readonly number[];
  /** How it was saved. */
  readonly ways: readonly string[];
}

/** What is more than layers one behind the other, and what is named of it. */
const refused: Readonly<Record<string, RegExp>> = {
  lowerState: /^torch\.select$/,
  cellState: /^c_n$/,
  bothLower: /^torch\.select$/,
  bothSwapped: /^torch\.cat$/,
  oneDirection: /^h_n$/,
  sumOfBoth: /^torch\.sum$/,
  statesMixed: /^torch\.reshape$/,
  softmaxOverSteps: /^torch\.softmax$/,
  softmaxOverSamples: /^torch\.softmax$/,
  statesHandedOn: /^(?:a|lstm2)$/,
  decoder: /^torch\.expand$/,
  sum: /^torch\.sum$/,
  residual: /^torch\.add$/,
  packed: /\.lstmprune-model\.json$/,
  overSamples: /^torch\.select$/,
  lastSample: /^torch\.select$/,
  featuresAsSteps: /^torch\.transpose$/,
  lastFeature: /^torch\.select$/,
  samplesAsSteps: /^torch\.reshape$/,
  classesFirst: /^torch\.transpose$/,
  normalisedSteps: /^torch\.batch_norm$/,
  changedView: /^torch\.relu_$/,
  cellMemory: /^c_n$/,
  cellsBackwards: /^torch\.select$/,
};

const { folder, remove } = await scratchFolder();
after(remove);
const all = JSON.parse(await runPython('torchScripts.py', [folder])) as Record<string, Scripted>;

/** The graph's output, or what keeps the model from having one. */
async function outputOf(file: string, { x, xShape }: Scripted): Promise<Tensor | string> {
  const model = await openModel(file);
  try {
    const { graph, notEvaluable } = model;
    if (!graph) return String(Object.values({ ...(notEvaluable?.cause ?? notEvaluable)?.args })[0]);
    const isTurned = graph.assumptions?.some(({ code }) => code === 'noteStepsFirst') === true;
    const data = graph.inputs[0].dtype === 'int32' ? Int32Array.from(x) : Float32Array.from(x);
    const given = { shape: [...xShape], data };
    const [output] = await runGraph(graph, [isTurned ? turned(given) : given]);
    return isTurned && output.shape.length > 2 ? turned(output) : output;
  } finally {
    await model.close();
  }
}

/** With its first two axes the other way round. */
function turned<T extends Tensor>({ shape: [rows, columns, ...rest], data }: T): Tensor {
  const width = rest.reduce((product, n) => product * n, 1);
  const result = data.slice();
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      result.set(
        data.subarray((i * columns + j) * width, (i * columns + j + 1) * width),
        (j * rows + i) * width,
      );
  return { shape: [columns, rows, ...rest], data: result };
}

describe('TorchScript', () => {
  test('is made of every model in one way at least', () => {
    for (const [name, { ways }] of Object.entries(all)) assert.ok(ways.length > 0, name);
  });

  for (const [name, scripted] of Object.entries(all))
    for (const way of scripted.ways) {
      // Tracing takes a loop apart.
      const isUnrolled = name.startsWith('cell') && way.startsWith('trace') && name !== 'cellState';
      if (isUnrolled) continue;
      test(`${name}, ${way}, is ${refused[name] ? 'refused by name' : 'computed as PyTorch does'}`, async () => {
        const output = await outputOf(join(folder, `${name}-${way}.pt`), scripted);
        if (refused[name]) {
          assert.match(String(output), refused[name]);
          return;
        }
        assert.ok(typeof output !== 'string', String(output));
        assert.deepEqual(output.shape, scripted.yShape);
        for (const [i, value] of output.data.entries())
          assert.ok(Math.abs(value - scripted.y[i]) < 1e-5, `${value}, not ${scripted.y[i]}`);
      });
    }
});
