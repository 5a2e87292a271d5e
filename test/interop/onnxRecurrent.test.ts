/*
 * ONNX files of every form of LSTM, GRU and RNN, with the weights of PyTorch's modules: cell × direction × layers × layout × activations
 * × sequence lengths, and one layer with each of the operators' other attributes and inputs. Written by torch.onnx.export where that
 * can, else by onnx.helper. The judge is ONNX Runtime, on every step and the last states, before and after pruning. It has no layout
 * 1: such a file is run with layout 0 between Transposes, and onnx' ReferenceEvaluator says the same of the file itself where it
 * computes it. PyTorch says the same as ONNX Runtime wherever it has such a layer.
 */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openModel } from '../../extension/formats/open.ts';
import { applyPlan } from '../../extension/pruning/masks.ts';
import { planOf } from '../../extension/pruning/plan.ts';
import { runPython, scratchFolder } from './environment.ts';
import { assertClose, assertSame, type OnnxAnswer } from './onnxGraphs.ts';
import type { OnnxResult } from './onnxOf.ts';
import { type PackedArray, unpacked } from './packedArray.ts';

/** What onnxRecurrent.py says of a file; arrays batch first. */
interface Written {
  readonly file: string;
  readonly name: string;
  readonly inputs: OnnxAnswer['inputs'];
  readonly batch: { readonly inputs: number[]; readonly outputs: number[] };
  /** Lengths in the file that differ: a sample's length is that of its place in the batch. */
  readonly mixed: boolean;
  readonly torch: readonly PackedArray[] | null;
  readonly reference: readonly PackedArray[] | null;
}

const { folder, remove } = await scratchFolder();
after(remove);
const written = JSON.parse(await runPython('onnxRecurrent.py', [folder])) as Written[];
const original = ({ file }: Written) => join(folder, file);
const copied = (one: Written) => original(one).replace('.onnx', '.copied.onnx');
const pruned = (one: Written) => original(one).replace('.onnx', '.pruned.onnx');
for (const one of written) {
  const model = await openModel(original(one));
  try {
    await model.save(copied(one), { compress: false });
    await applyPlan(planOf({ sparsity: 0.5, scope: 'layer' }, model), { file: one.file });
    await model.save(pruned(one), { compress: false });
  } finally {
    await model.close();
  }
}
const list = [original, pruned].flatMap((path) =>
  written.map((one) => ({ path: path(one), inputs: Object.values(one.inputs), batch: one.batch })),
);
await writeFile(join(folder, 'list.json'), JSON.stringify(list));
await runPython('runOnnx.py', [join(folder, 'list.json'), join(folder, 'results.json')]);
const results = JSON.parse(await readFile(join(folder, 'results.json'), 'utf8')) as OnnxResult[];

function answer(i: number): readonly PackedArray[] {
  const result = results[i];
  if ('error' in result) throw new Error(result.error);
  return result.outputs;
}

describe('an ONNX file computes what ONNX Runtime does, as it is and pruned', () => {
  for (const [i, one] of written.entries()) {
    test(one.name, async () => {
      const [before, behind] = [answer(i), answer(written.length + i)];
      for (const others of [one.torch, one.reference]) {
        for (const [o, other] of (others ?? []).entries()) assertValues(before[o], other);
      }
      assert.notDeepEqual(before, behind, 'nothing was pruned');
      assert.deepEqual(await readFile(copied(one)), await readFile(original(one)), 'saved as it is');
      if (one.mixed) return assertMixed(original(one));
      await assertSame(original(one), { ...one, outputs: before });
      await assertSame(pruned(one), { ...one, outputs: behind });
    });
  }
});

/** The same values, the directions beside the units or on an axis of their own. */
function assertValues(found: PackedArray, expected: PackedArray): void {
  const { data } = unpacked(found);
  const { shape, data: values } = unpacked(expected);
  assert.equal(data.length, values.length);
  assertClose({ shape, data }, { shape, data: values });
}

async function assertMixed(path: string): Promise<void> {
  const { close, graph, notEvaluable } = await openModel(path);
  await close();
  assert.equal(graph, undefined);
  assert.equal(notEvaluable?.cause?.code, 'reasonLengthsByPlace');
}
