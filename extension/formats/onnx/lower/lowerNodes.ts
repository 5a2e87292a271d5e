import type { OnnxContents } from '../contents.ts';
import type { OnnxNode } from '../proto.ts';
import { bodies } from '../recurrent/found.ts';
import type { Lowering } from './lowering.ts';
import { integersOf } from './rules/constants.ts';
import type { Value } from './values.ts';

/** Lowers what some values of a lowering's ONNX graph, its main one or a body, are computed by. */
export async function lowerNodes(lowering: Lowering, outputs: readonly string[]): Promise<void> {
  const { contents } = lowering;
  const { graph } = contents.model;
  for (const [name, tensor] of graph.initializers) {
    const known = integersOf(tensor) ?? weightOf(contents, name);
    if (known) lowering.set(name, known);
  }
  for (const node of needed(graph.nodes, outputs, contents)) {
    const left = node.outputs.filter((name) => name !== '' && !setAsWeight(lowering, name));
    if (left.length > 0) await lowering.lowerNode(lowering, node);
  }
}

/** W, R, B and P of LSTM, GRU and RNN. */
const weightInputs = [1, 2, 3, 7];

/** Nodes that the outputs depend on, but for what only makes the weights of recurrent layers, in the file's order. */
function needed(
  nodes: readonly OnnxNode[],
  outputs: readonly string[],
  { recurrent }: Pick<OnnxContents, 'recurrent'>,
): OnnxNode[] {
  const names = new Set(outputs);
  const kept: OnnxNode[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => names.has(name))) continue;
    for (const [input, name] of node.inputs.entries()) {
      // The gates have been found, however many nodes their weights come through.
      if (!(recurrent.has(node) && weightInputs.includes(input))) names.add(name);
    }
    for (const name of readInBodies(node)) names.add(name);
    kept.unshift(node);
  }
  return kept;
}

/** Every name that the bodies of a node read, wherever it is from. */
export function readInBodies(node: OnnxNode): string[] {
  return bodies(node).flatMap(({ nodes, outputs }) => [
    ...outputs.map(({ name }) => name),
    ...nodes.flatMap((inner) => [...inner.inputs, ...readInBodies(inner)]),
  ]);
}

/** What a parameter's values are, if a name stands for such. */
function weightOf(contents: OnnxContents, name: string): Value | undefined {
  const view = contents.constant(name);
  return view && { kind: 'weight', ...view };
}

function setAsWeight(lowering: Lowering, name: string): boolean {
  const weight = weightOf(lowering.contents, name);
  if (weight) lowering.set(name, weight);
  return weight !== undefined;
}
