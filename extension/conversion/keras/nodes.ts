import {
  type Graph,
  type GraphNode,
  isRecurrent,
  type RecurrentNode,
  type ValueName,
} from '../../model/graph.ts';
import type { Shape } from '../../ops/shape.ts';

/** Whether a node takes the last step that a recurrent one computes. */
export function isLastStep(reader: GraphNode, made: RecurrentNode): boolean {
  return (
    reader.op === 'Select' &&
    reader.axis === 1 &&
    reader.index === (made.reverse ? 0 : -1) &&
    made.mask === undefined
  );
}

/** Whether a node makes a mask of masks, which Keras does by itself where it hands them on. */
export function isOfMasks({ op, inputs }: GraphNode, isMask: (value: ValueName) => boolean): boolean {
  return op === 'And' || op === 'Or' || ((op === 'Concat' || op === 'Reverse') && inputs.every(isMask));
}

/** Of a layer's last output, where no value of the graph has it. */
export function lastKey({ outputs }: RecurrentNode): string {
  return `${outputs[0]} last`;
}

/** How many samples a batch has where layers keep states for them; null: any number. */
export function keptBatch({ inputs, nodes }: Graph): number | null {
  if (!nodes.some((node) => isRecurrent(node) && node.stateful)) return null;
  return inputs.find(({ batch }) => batch !== undefined)?.batch ?? null;
}

/** Whether a node puts out nothing below 0. */
export function isRelu(node: GraphNode | undefined): boolean {
  return node?.op === 'Activation' && node.activation.op === 'Relu';
}

/** A softmax that says -1 of its axis where that is the last one, as Keras' activations are meant. */
export function byLastAxis(node: GraphNode, shapes: ReadonlyMap<ValueName, Shape>): GraphNode {
  if (node.op !== 'Softmax' && node.op !== 'LogSoftmax') return node;
  const rank = shapes.get(node.inputs[0])?.length;
  return node.axis + 1 === rank ? { ...node, axis: -1 } : node;
}

/** Whether what a node does to sequences is done to every step of one, which has an axis less. */
export function worksOnEachStep(node: GraphNode, shapes: ReadonlyMap<ValueName, Shape>): boolean {
  if (node.op === 'Flatten') return node.axis === 2;
  if (node.op === 'Reduce') return node.axes.join() === '2' && shapes.get(node.inputs[0])?.length === 4;
  const isWindow = node.op === 'Conv' || node.op === 'MaxPool' || node.op === 'AveragePool';
  return isWindow && shapes.get(node.inputs[0])?.length === (node.rows ? 5 : 4);
}
