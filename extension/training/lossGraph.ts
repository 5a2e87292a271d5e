import type { Graph, GraphNode, ValueName } from '../model/graph.ts';
import { isOfClasses, isOfSequences, type Loss } from '../model/loss.ts';
import type { Tensor } from '../model/tensor.ts';
import { allWhole } from './losses/targets.ts';
import { outputKind } from './output.ts';
import { type Teaching, teachingFactors, teachingLoss } from './teaching.ts';

/** A graph that ends in what it is judged by. Behind the model's own inputs come the targets, and behind these a teacher's. */
export interface LossGraph {
  readonly graph: Graph;
  /** The mean loss [] over the rows that count, and how many those are []. */
  readonly values: readonly [loss: ValueName, rows: ValueName];
}

/**
 * Adds a loss to a graph, taken from the values before a softmax or sigmoid at the end.
 * @param targets of the training samples, as `asTargets` gives them
 * @param factor how often it counts beside other losses
 */
export function withLoss(graph: Graph, loss: Loss, targets: Tensor, factor = 1): LossGraph {
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
    ...(factor !== 1 && { factor }),
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

/**
 * Adds the loss against a teacher's outputs, of which `taught` makes targets, beside any loss that is there already.
 * @param width of a row of outputs
 */
export function withTeacher(graph: Graph, teaching: Teaching, width: number): LossGraph {
  const { value, mask, shape } = outputKind(graph);
  const names = ['taught', 'softened', 'divergence', 'divergence rows'];
  const [input, softened, mean, rows] = names.map((name) => unusedName(graph, name));
  const { temperature } = teaching;
  const origin = 'teacher';
  const scale: GraphNode[] =
    temperature === 1
      ? []
      : [{ op: 'Scale', factor: 1 / temperature, inputs: [value], outputs: [softened], origin }];
  const loss: GraphNode = {
    op: 'Loss',
    loss: teachingLoss(teaching, width),
    factor: teachingFactors(teaching).teacher,
    inputs: [scale.length > 0 ? softened : value, input],
    outputs: [mean, rows],
    origin,
    ...(mask !== undefined && { mask }),
  };
  return {
    graph: {
      ...graph,
      inputs: [...graph.inputs, { name: input, shape: [null, ...shape.slice(1)], dtype: 'float32' }],
      nodes: [...graph.nodes, ...scale, loss],
    },
    values: [mean, rows],
  };
}

/** Targets of several parts in the one type that a graph's input has: integers for class indices and labels, else floats. */
export function asTargets(loss: Loss, parts: readonly Tensor[]): Tensor[] {
  const indices = (isOfClasses(loss.name) || isOfSequences(loss.name)) && parts.every(allWhole);
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
