import type { Graph, ValueName } from '../model/graph.ts';
import { isSparse, type Loss } from '../model/loss.ts';
import type { Tensor } from '../model/tensor.ts';
import { allWhole } from './losses/targets.ts';
import { outputKind } from './output.ts';

/** A graph that ends in its loss; the targets are its last input. */
export interface LossGraph {
  readonly graph: Graph;
  /** The mean loss [] over the rows that count, and how many those are []. */
  readonly values: readonly [loss: ValueName, rows: ValueName];
}

/**
 * Adds a loss to a graph, taken from the values before a softmax or sigmoid at the end.
 * @param targets of the training samples, as `asTargets` gives them
 */
export function withLoss(graph: Graph, loss: Loss, targets: Tensor): LossGraph {
  const { value, mask } = outputKind(graph);
  const [input, mean, rows] = ['targets', 'loss', 'loss rows'].map((name) => unusedName(graph, name));
  const shape = [null, ...targets.shape.slice(1)];
  const dtype = targets.data instanceof Int32Array ? 'int32' : 'float32';
  const node = {
    op: 'Loss',
    loss,
    inputs: [value, input],
    outputs: [mean, rows],
    origin: loss.name,
    ...(mask !== undefined && { mask }),
  } as const;
  return {
    graph: {
      ...graph,
      inputs: [...graph.inputs, { name: input, shape, dtype }],
      nodes: [...graph.nodes, node],
    },
    values: [mean, rows],
  };
}

/** Targets of several parts in the one type that a graph's input has: integers for class indices, else floats. */
export function asTargets(loss: Loss, parts: readonly Tensor[]): Tensor[] {
  const indices = isSparse(loss.name) && parts.every(allWhole);
  return parts.map(({ shape, data }) => {
    if (data instanceof Int32Array === indices) return { shape, data };
    return { shape, data: indices ? new Int32Array(data) : new Float32Array(data) };
  });
}

function unusedName({ inputs, nodes }: Graph, wanted: string): ValueName {
  const used = new Set([...inputs.map(({ name }) => name), ...nodes.flatMap(({ outputs }) => outputs)]);
  let name = wanted;
  for (let n = 2; used.has(name); n++) name = `${wanted} ${n}`;
  return name;
}
