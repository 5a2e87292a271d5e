import assert from 'node:assert/strict';
import { createSession } from '../../extension/engine/createSession.ts';
import { openModel } from '../../extension/formats/open.ts';
import type { Graph } from '../../extension/model/graph.ts';
import type { Model } from '../../extension/model/model.ts';
import type { Tensor } from '../../extension/model/tensor.ts';
import { fill } from '../../extension/protocol/labels.ts';
import { word } from '../../extension/protocol/wording.ts';
import { type PackedArray, unpacked } from './packedArray.ts';

/** A model's file, and what ONNX Runtime makes of some inputs; arrays batch first. */
export interface OnnxAnswer {
  readonly file: string;
  readonly inputs: Readonly<Record<string, PackedArray>>;
  readonly outputs: readonly PackedArray[];
}

export type EvaluatedModel = Model & { readonly graph: Graph };

/** Opens a model that must have a graph. The caller closes it. */
export async function evaluatedModel(path: string): Promise<EvaluatedModel> {
  const model = await openModel(path);
  if (model.graph) return model as EvaluatedModel;
  await model.close();
  throw new Error(model.notEvaluable ? word(model.notEvaluable, fill) : 'there is no graph');
}

/** The inputs of a graph, in its order and types. */
export function inputsOf({ inputs }: Graph, given: OnnxAnswer['inputs']): Tensor[] {
  return inputs.map(({ name, dtype }) => {
    const { shape, data } = unpacked(given[name]);
    return { shape, data: dtype === 'int32' ? Int32Array.from(data) : Float32Array.from(data) };
  });
}

/** The model puts out the same to 1e-5, absolute below 1 and relative above. */
export async function assertSame(path: string, { inputs, outputs }: OnnxAnswer): Promise<void> {
  const model = await evaluatedModel(path);
  const session = await createSession(model.graph, { threads: 1 });
  try {
    const found = await session.forward(inputsOf(model.graph, inputs));
    assert.equal(found.length, outputs.length);
    for (const [i, output] of outputs.entries()) assertClose(found[i], unpacked(output));
  } finally {
    await session.dispose();
    await model.close();
  }
}

/** Every value to within 1e-5, absolute below 1 and relative above. */
export function assertClose(found: Tensor, expected: Tensor): void {
  assert.deepEqual(found.shape, expected.shape);
  for (const [i, value] of expected.data.entries()) {
    const off = Math.abs(found.data[i] - value);
    assert.ok(off <= 1e-5 * Math.max(1, Math.abs(value)), `value ${i} is ${found.data[i]}, not ${value}`);
  }
}
