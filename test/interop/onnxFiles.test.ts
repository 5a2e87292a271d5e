// ONNX files of both PyTorch exporters and of onnx.helper, pruned, before the ONNX checker and ONNX Runtime.
import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { mainFileOf } from '../../extension/formats/mainFileOf.ts';
import { openModel } from '../../extension/formats/open.ts';
import { type GateView, scatterZeros } from '../../extension/model/gateView.ts';
import type { Model } from '../../extension/model/model.ts';
import { sizeOf } from '../../extension/model/parameter.ts';
import { gateValues, withOnnx } from '../support/openOnnx.ts';
import { runPython, scratchFolder } from './environment.ts';
import { shrinkFile } from './shrinkFile.ts';

const { folder, remove } = await scratchFolder();
after(remove);
await runPython('makeOnnx.py', [folder]);
const names = JSON.parse(await readFile(join(folder, 'names.json'), 'utf8')) as string[];

/** Takes about a quarter of the weights: which, the judge knows by the gate, its row and column. */
function prune({ layers }: Model): void {
  for (const { gates, direction } of layers) {
    for (const [g, { kernel, recurrent }] of gates.entries()) {
      for (const [matrix, view] of [kernel, recurrent].entries())
        take(
          view,
          (row, column) => 7 * row + 3 * column + 5 * g + (direction === 'backward' ? 2 : 0) + matrix,
        );
    }
  }
}

function take(view: GateView, number: (row: number, column: number) => number): void {
  const { parameter, rows, columns } = view;
  parameter.mask ??= new Uint8Array(sizeOf(parameter.shape)).fill(1);
  const keep = Uint8Array.from({ length: rows * columns }, (_, i) =>
    number(Math.floor(i / columns), i % columns) % 4 === 0 ? 0 : 1,
  );
  scatterZeros(view, keep, parameter.mask);
}

interface Written {
  readonly name: string;
  readonly original: string;
  readonly same: string;
  readonly pruned: string;
}

async function write(name: string): Promise<Written> {
  const original = join(folder, `${name}.onnx`);
  const model = await openModel(original);
  try {
    const target = (way: string) =>
      `${original.replaceAll('.onnx', '')}.${way}${model.folder ? '' : '.onnx'}`;
    await model.save(target('same'), { compress: false });
    prune(model);
    await model.save(target('pruned'), { compress: false });
    return {
      name,
      original,
      same: mainFileOf(model, target('same')),
      pruned: mainFileOf(model, target('pruned')),
    };
  } finally {
    await model.close();
  }
}

// All is made and judged before the first test is declared: the runner ends a file when its tests have run.
const written: Written[] = [];
for (const name of names) written.push(await write(name));
const shrunk: { readonly name: string; readonly masked: string; readonly shrunk: string }[] = [];
for (const name of names.filter((one) => /^(torch|dynamo)_/.test(one))) {
  for (const part of ['all', 'readers'] as const) {
    const { files } = await shrinkFile(join(folder, `${name}.onnx`), part);
    if (files) shrunk.push({ name: `${name} without ${part}`, ...files });
  }
}
const jobs = join(folder, 'jobs.json');
await writeFile(jobs, JSON.stringify([...written, ...shrunk]));
const problems = JSON.parse(await runPython('judgeOnnx.py', [jobs])) as string[][];

describe('ONNX files', () => {
  for (const [i, { name, original, same }] of written.entries()) {
    test(`${name}: saved as it is, every file is the same byte for byte`, async () => {
      assert.deepEqual(await readFile(same), await readFile(original));
      const copied = dirname(same) === dirname(original) ? [] : await readdir(dirname(same));
      for (const file of copied)
        assert.deepEqual(
          await readFile(join(dirname(same), file)),
          await readFile(join(dirname(original), file)),
        );
    });

    test(`${name}: ONNX finds the masks in its own gates, nothing else changed, and ONNX Runtime runs it`, () => {
      assert.deepEqual(problems[i], []);
    });
  }
});

describe('a recurrent node in the body of a Loop', () => {
  for (const name of ['in_a_loop', 'in_a_branch_in_a_loop']) {
    test(`${name}: has its gates, and the graph is refused by the name of the Loop`, async () => {
      const model = await openModel(join(folder, `${name}.onnx`));
      try {
        assert.deepEqual(
          model.layers.map(({ cell, inputSize, hiddenSize }) => ({ cell, inputSize, hiddenSize })),
          [{ cell: 'LSTM', inputSize: 4, hiddenSize: 5 }],
        );
        assert.equal(model.graph, undefined);
        assert.equal(model.notEvaluable?.code, 'operatorUnsupported');
        assert.deepEqual(model.notEvaluable?.args, { node: 'steps_of_X', operator: 'Loop', opset: 17 });
      } finally {
        await model.close();
      }
    });
  }
});

describe('a model of integers', () => {
  const floats = (name: string) => `plain_LSTM_${name.match(/forward|reverse|bidirectional/)?.[0]}`;
  for (const name of names.filter((one) => /^(runtime|quantized)_.*(tensors|channels)$/.test(one))) {
    test(`${name}: has the weights of the float model, but for half a step of the integers`, async () => {
      const [found, expected] = await Promise.all([name, floats(name)].map(gatesIn));
      assert.equal(found.length, expected.length);
      for (const [i, value] of expected.entries()) {
        const step = 2 / 254; // of the values between -1 and 1
        assert.ok(Math.abs(found[i] - value) <= (step / 2) * 1.001, `${found[i]} is not nearly ${value}`);
      }
    });
  }

  for (const name of names.filter((one) => one.startsWith('runtime_'))) {
    test(`${name}: is not evaluated, but the one that it was made of`, async () => {
      const model = await openModel(join(folder, `${name}.onnx`));
      await model.close();
      assert.equal(model.graph, undefined);
      assert.equal(model.notEvaluable?.cause?.code, 'reasonOnIntegers');
    });
  }
});

/** All weights of all gates of a file, in one order whatever the file's. */
async function gatesIn(name: string): Promise<number[]> {
  return withOnnx(join(folder, `${name}.onnx`), async ({ layers }) => {
    const gates = await Promise.all(layers.map(gateValues));
    return gates.flatMap((layer) =>
      Object.values(layer).flatMap(({ kernel, recurrent }) => [...kernel, ...recurrent]),
    );
  });
}

test('a model of several files has all of them in its folder', async () => {
  const { original, pruned } = written.find(({ name }) => name === 'dynamo_large/model') as Written;
  const beside = (await readdir(dirname(original))).filter((name) => name.endsWith('.data'));
  assert.equal(beside.length, 1);
  assert.equal(
    (await stat(join(dirname(pruned), beside[0]))).size,
    (await stat(join(dirname(original), beside[0]))).size,
  );
});

describe('ONNX files without half of their units', () => {
  for (const [i, { name, masked, shrunk: smaller }] of shrunk.entries()) {
    test(`${name}: ONNX Runtime computes what it computes with the masked file`, async () => {
      assert.deepEqual(problems[written.length + i], []);
      assert.ok((await bytesIn(smaller)) < (await bytesIn(masked)), 'the files are not smaller');
    });
  }

  test('units go from every export of PyTorch', () => {
    const left = names.filter((name) => /^(torch|dynamo)_/.test(name));
    assert.deepEqual(
      shrunk.map(({ name }) => name),
      left.flatMap((name) => [`${name} without all`, `${name} without readers`]),
    );
  });
});

/** Of a model, with those of the file beside it that holds its weights. */
async function bytesIn(path: string): Promise<number> {
  const own = (await readdir(dirname(path))).filter((name) => /\.(data|bin)$/.test(name));
  const sizes = await Promise.all(
    [path, ...own.map((name) => join(dirname(path), name))].map((file) => stat(file)),
  );
  return sizes.reduce((sum, { size }) => sum + size, 0);
}
