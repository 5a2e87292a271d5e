import assert from 'node:assert/strict';
import type { Graph } from '../../../../extension/model/graph.ts';
import type { Message } from '../../../../extension/protocol/messages.ts';
import { attribute, int64Tensor, model, node, recurrentWeights, value } from '../../../support/onnxFile.ts';
import { withOnnx } from '../../../support/openOnnx.ts';
import { scratchFiles } from '../../../support/scratch.ts';

const write = scratchFiles();

export const { W, R, B } = recurrentWeights('LSTM', { inputs: 3, hidden: 2 });
export const axes = int64Tensor('axes', [1], [1]);
export const turn = (from: string, to: string) =>
  node('Transpose', [from], [to], [attribute('perm', [1, 0, 2])]);
export const lstm = (x: string, ...more: string[]) =>
  node('LSTM', [x, 'W', 'R', 'B', ...more], ['Y', 'Yh'], [attribute('hidden_size', 2)], { name: 'lstm' });
export const squeeze = node('Squeeze', ['Y', 'axes'], ['y']);

export interface Parts {
  readonly nodes: readonly Buffer[];
  readonly inputs?: readonly Buffer[];
  readonly outputs?: readonly string[];
  readonly initializers?: readonly Buffer[];
}

let files = 0;
/** The graph of a model of such parts beside the weights of an LSTM over 3 features, or why it has none. */
export async function lowered({
  nodes,
  inputs = [value('x', ['batch', 'steps', 3])],
  outputs = ['y'],
  initializers = [],
}: Parts) {
  const written = {
    nodes,
    inputs,
    outputs: outputs.map((name) => value(name, [])),
    initializers: [W, R, B, axes, ...initializers],
  };
  return withOnnx(
    write(`${files++}.onnx`, model(written)),
    async ({ graph: made, notEvaluable, parameters }) => ({
      graph: made,
      notEvaluable,
      parameters: parameters.map(({ name }) => name),
    }),
  );
}

/** The same of one that has a graph. */
export async function graphOf(parts: Parts): Promise<Graph> {
  const { graph: made, notEvaluable } = await lowered(parts);
  assert.ok(made, JSON.stringify(notEvaluable));
  return made;
}

/** Why there is none. */
export async function refusal(parts: Parts): Promise<Message> {
  const { notEvaluable } = await lowered(parts);
  assert.ok(notEvaluable);
  return notEvaluable;
}
