import { createSession } from '../../extension/engine/createSession.ts';
import { openModel } from '../../extension/formats/open.ts';
import type { Graph } from '../../extension/model/graph.ts';
import type { Tensor } from '../../extension/model/tensor.ts';

/** All outputs of a graph. */
export async function runGraph(graph: Graph, inputs: readonly Tensor[]): Promise<Tensor[]> {
  const session = await createSession(graph);
  try {
    return await session.observe(
      inputs,
      graph.outputs.map(({ name }) => name),
    );
  } finally {
    await session.dispose();
  }
}

/** All outputs of a model file that can be evaluated. */
export async function forward(path: string, inputs: readonly Tensor[]): Promise<Tensor[]> {
  const model = await openModel(path);
  try {
    if (!model.graph) throw new Error(`${path}: ${JSON.stringify(model.notEvaluable)}`);
    return await runGraph(model.graph, inputs);
  } finally {
    await model.close();
  }
}

/** NaN where either has one, so that no comparison with it holds. */
export function largestDifference(a: Tensor, b: Tensor): number {
  let largest = 0;
  for (const [i, value] of a.data.entries()) largest = Math.max(largest, Math.abs(value - b.data[i]));
  return largest;
}
