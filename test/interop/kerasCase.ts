import assert from 'node:assert/strict';
import { openModel } from '../../extension/formats/open.ts';
import { evaluate } from '../../extension/jobs/evaluate.ts';
import { inspect } from '../../extension/jobs/inspect.ts';
import type { Model } from '../../extension/model/model.ts';
import type { Tensor } from '../../extension/model/tensor.ts';
import { largestDifference, runGraph } from './forward.ts';
import { type PackedArray, unpacked } from './packedArray.ts';

/** What makeModels.py writes about a case. */
export interface KerasCase {
  name: string;
  /** False: computed rightly, or named as not computable. */
  required: boolean;
  /** Largest difference of the outputs. */
  tolerance: number;
  inputs: PackedArray[];
  outputs: PackedArray[];
  /** Keras' evaluate(), where the model is compiled. */
  loss?: number;
}

const context = { signal: new AbortController().signal, progress: () => {} };

/** A file of a case computes what Keras computed, loss included, or is named as one that cannot be computed. */
export async function putsOutTheSame(path: string, kerasCase: KerasCase): Promise<void> {
  const model = await openModel(path);
  try {
    if (model.graph) await agreeOnOutputs(model, kerasCase);
    else await isNamed(model, kerasCase);
  } finally {
    await model.close();
  }
  if (kerasCase.loss !== undefined) await agreeOnLoss(path, kerasCase);
}

async function agreeOnOutputs(model: Model, { inputs, outputs, tolerance }: KerasCase): Promise<void> {
  agree(await runGraph(model.graph!, inputs.map(unpacked)), outputs.map(unpacked), tolerance);
}

/** Outputs are those of Keras, but for rounding. */
export function agree(found: readonly Tensor[], expected: readonly Tensor[], tolerance: number): void {
  assert.equal(found.length, expected.length);
  for (const [i, { shape, data }] of expected.entries()) {
    assert.deepEqual([...found[i].shape], [...shape]);
    const worst = largestDifference(found[i], expected[i]);
    const heads = `found ${found[i].data.slice(0, 8).join(' ')}\nKeras ${data.slice(0, 8).join(' ')}`;
    assert.ok(worst <= tolerance, `largest difference ${worst}\n${heads}`);
  }
}

/** What cannot be computed says which layer, and is inspected all the same. */
async function isNamed(model: Model, { name, required }: KerasCase): Promise<void> {
  const why = model.notEvaluable;
  assert.ok(!required, `${name} should be evaluable, but: ${JSON.stringify(why)}`);
  assert.ok(why, 'no graph, and no reason for it');
  const report = await inspect({ path: model.path }, context);
  assert.deepEqual(report.notEvaluable, why);
  assert.ok(report.layers.length > 0);
}

async function agreeOnLoss(path: string, { inputs, loss, required }: KerasCase): Promise<void> {
  const data = {
    data: path.replace(/\.[^.]+$/, '.npz'),
    x: inputs.map((_, i) => `x${i}`).join(),
    y: 'y',
    split: 'all' as const,
  };
  const report = await evaluate({ path, data }, context);
  // A loss that is not known is replaced by one that fits the output, and the report says so.
  if (!required && report.notes.some(({ code }) => code === 'noteLossUnknown')) return;
  const off = Math.abs(report.loss - loss!) / Math.abs(loss!);
  assert.ok(off <= 1e-5, `loss ${report.loss} (${report.lossName}), Keras ${loss}`);
}
