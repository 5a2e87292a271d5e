import { type Graph, type GraphInput, lossesOf } from '../model/graph.ts';
import { isOfClasses, isOfSequences } from '../model/loss.ts';
import { sizeOf } from '../model/parameter.ts';
import type { Random } from '../model/random.ts';
import type { Tensor } from '../model/tensor.ts';

const usualSteps = 32;

/** Steps that stand for a length that is free; no more than a table has rows, of which one is read for each step. */
export function freeSteps(graph: Pick<Graph, 'nodes'> | undefined): number {
  const nodes = graph?.nodes ?? [];
  const tables = nodes.filter((node) => node.op === 'Weight' || node.op === 'Constant');
  const rows = nodes.flatMap((node) => {
    if (node.op !== 'Slice' || node.likeAxis === undefined) return [];
    const table = tables.find(({ outputs }) => outputs[0] === node.inputs[0]);
    const shape = table?.op === 'Constant' ? table.value.shape : table?.shape;
    return shape?.[node.axis] ?? [];
  });
  return Math.min(usualSteps, ...rows);
}

/** Shape of a batch for an input; free axes get `steps`. */
export function batchShape({ shape }: GraphInput, samples: number, steps: number): number[] {
  return shape.map((n, axis) => (axis === 0 ? samples : (n ?? steps)));
}

/** Standard normal values, or uniform token ids where an embedding takes them. */
function randomInput({ dtype, vocabulary }: GraphInput, shape: readonly number[], random: Random): Tensor {
  const length = sizeOf(shape);
  const data =
    dtype === 'int32'
      ? Int32Array.from({ length }, () => random.below(vocabulary ?? 1))
      : Float32Array.from({ length }, () => random.normal());
  return { shape, data };
}

/** One batch for every input of a graph; for the targets of its losses, values that these take. */
export function randomBatch(graph: Graph, samples: number, steps: number, random: Random): Tensor[] {
  const losses = lossesOf(graph);
  return graph.inputs.map((input) => {
    const shape = batchShape(input, samples, steps);
    const loss = losses.find(({ inputs }) => input.name === inputs[1])?.loss;
    if (!loss) return randomInput(input, shape, random);
    // No labels are in reach in any number of steps.
    const classes = isOfSequences(loss.name) ? 1 : isOfClasses(loss.name) ? loss.width : 2;
    return { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => random.below(classes)) };
  });
}
