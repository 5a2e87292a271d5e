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
  lowerState: /^torch\.select \(\[0\]\)$/,
  cellState: /^c_n$/,
  bothLower: /^torch\.select \(\[0\]\)$/,
  bothSwapped: /^torch\.cat$/,
  oneDirection: /^h_n$/,
  sumOfBoth: /^torch\.sum$/,
  everySecond: /^torch\.slice \(\[:, 0?::2\]\)$/,
  halfAlone: /^torch\.slice \(\[:, :, 0?:8\]\)$/,
  halfAtEnd: /^torch\.slice \(\[:, 0?:8\]\)$/,
  halvesAtEnd: /^torch\.select \(\[:, -1\]\)$/,
  sumOfHalves: /^torch\.add$/,
  meanOfHalf: /^torch\.slice \(\[:, :, 0?:8\]\)$/,
  thirds: /^torch\.split(?:_with_sizes)?$/,
  statesMixed: /^torch\.reshape$/,
  softmaxOverSteps: /^torch\.softmax$/,
  softmaxOverSamples: /^torch\.softmax$/,
  statesHandedOn: /^(?:a|lstm2)$/,
  decoder: /^torch\.expand$/,
  sum: /^torch\.sum$/,
  residual: /^torch\.add$/,
  packed: /^reasonPacked$/,
  overSamples: /^torch\.select \(\[:, -1\]\)$/,
  lastSample: /^torch\.select \(\[-1\]\)$/,
  lastFeature: /^torch\.select \(\[:, -1\]\)$/,
  samplesAsSteps: /^torch\.reshape$/,
  convCircular: /^(?:torch\.pad|_reversed_padding_repeated_twice)$/,
  convOverFeatures: /^conv1?$/,
  convTwice: /^conv1?$/,
  convLoopLess: /^torch\.select \(\[:, …\]\)$/,
  poolInside: /^torch\.avg_pool1d$/,
  poolUp: /^torch\.max_pool1d$/,
  poolMixed: /^torch\.max_pool1d$/,
  normalisedSteps: /^torch\.batch_norm$/,
  changedView: /^torch\.relu_$/,
  cellMemory: /^c_n$/,
  cellsSummed: /^torch\.sum$/,
  cellsSkipping: /^(?:torch\.select \(\[:, …\]\)|gruCell1)$/,
  cellsTwice: /^torch\.append$/,
  cellsChanged: /^torch\.relu_$/,
  cellsNew: /^torch\.stack$/,
  cellsInPlace: /^torch\.copy_$/,
  cellsKeptBefore: /^torch\.(?:add|stack)$/,
  cellsSome: /^reasonCodeIf$/,
  branch: /^reasonCodeIf$/,
  until: /^reasonCodeLoop$/,
  number: /^reasonCodeReturn$/,
  namedTwice: /^(?:rnn|lstm1)$/,
  cellsBackwards: /^torch\.select \(\[:, …\]\)$/,
};

/** The same of loops that tracing has taken apart; undefined of those whose turns are a cell's steps. */
const unrolled: Readonly<Record<string, RegExp | undefined>> = {
  cellsChanged: /^one$/,
  cellsBackwards: /^torch\.select \(\[:, -6\]\)$/,
  cellsSkipping: /^one$/,
  cellsSome: /^torch\.stack$/,
  cellsTwice: /^torch\.stack$/,
  convLoopLess: undefined,
};

const { folder, remove } = await scratchFolder();
after(remove);
const all = JSON.parse(await runPython('torchScripts.py', [folder])) as Record<string, Scripted>;

/** The graph's output, or what keeps the model from having one. */
async function outputOf(file: string, { x, xShape }: Scripted): Promise<Tensor | string> {
  const model = await openModel(file);
  try {
    const { graph, notEvaluable } = model;
    if (!graph) {
      const { code, args } = notEvaluable?.cause ?? notEvaluable ?? {};
      return code === 'reasonInCode' ? String(Object.values({ ...args })[0]) : String(code);
    }
    const notes = graph.assumptions?.map(({ code }) => code) ?? [];
    const axes = graph.assumptions?.find(({ code }) => code === 'noteOutputAxes')?.args;
    const data = graph.inputs[0].dtype === 'int32' ? Int32Array.from(x) : Float32Array.from(x);
    // Sequences of one feature a step may come without an axis for it.
    const shape = [...xShape, ...(xShape.length < graph.inputs[0].shape.length ? [1] : [])];
    const given = { shape, data };
    const input = notes.includes('noteStepsFirst')
      ? turned(given)
      : notes.includes('noteFeaturesFirst')
        ? turnedWithin(given)
        : given;
    const [output] = await runGraph(graph, [input]);
    return axes ? laidOut(output, String(axes.axes), String(axes.own)) : output;
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

/** With its last two axes the other way round. */
function turnedWithin({ shape: [samples, rows, columns], data }: Tensor): Tensor {
  const result = data.slice();
  for (let at = 0; at < data.length; at++) {
    const [row, column] = [Math.floor(at / columns) % rows, at % columns];
    result[at - row * columns - column + column * rows + row] = data[at];
  }
  return { shape: [samples, columns, rows], data: result };
}

/** Laid out as a note says that the code does: of `[T·B, C]` and `[B, T, C]`. */
function laidOut({ shape, data }: Tensor, axes: string, own: string): Tensor {
  const list = (text: string) => text.slice(1, -1).split(', ');
  const from = list(own);
  const code = list(axes).map((axis) => axis.split('·').map((name) => from.indexOf(name)));
  const order = code.flat();
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((product, n) => product * n, 1));
  const result = data.slice();
  for (let at = 0; at < data.length; at++) {
    let [rest, place] = [at, 0];
    for (const axis of order.toReversed()) {
      place += (rest % shape[axis]) * strides[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    result[at] = data[place];
  }
  const lengths = code.map((axis) => axis.reduce((product, i) => product * shape[i], 1));
  return { shape: lengths, data: result };
}

describe('TorchScript', () => {
  test('is made of every model in one way at least', () => {
    for (const [name, { ways }] of Object.entries(all)) assert.ok(ways.length > 0, name);
  });

  for (const [name, scripted] of Object.entries(all))
    for (const way of scripted.ways) {
      // Tracing takes a loop apart, and freezing that the cells as well; of conditions it keeps the way that its example goes.
      const isUnrolled = way === 'traceFrozen' && /^(?:cell(?!State)|convLoop)/.test(name);
      const isTraced = way.startsWith('trace');
      if (isUnrolled || (isTraced && /^(?:branch|until)$/.test(name))) continue;
      // Tracing writes how many steps there were for windows over all of them, so that one is not known to be left.
      const isSqueezed = isTraced && /^(?:convBehind|poolAll)$/.test(name);
      const expected = isSqueezed
        ? /^torch\.squeeze$/
        : way === 'trace' && name in unrolled
          ? unrolled[name]
          : refused[name];
      test(`${name}, ${way}, is ${expected ? 'refused by name' : 'computed as PyTorch does'}`, async () => {
        const output = await outputOf(join(folder, `${name}-${way}.pt`), scripted);
        if (expected) {
          assert.match(String(output), expected);
          return;
        }
        assert.ok(typeof output !== 'string', String(output));
        assert.deepEqual(output.shape, scripted.yShape);
        for (const [i, value] of output.data.entries())
          assert.ok(Math.abs(value - scripted.y[i]) < 1e-5, `${value}, not ${scripted.y[i]}`);
      });
    }
});
