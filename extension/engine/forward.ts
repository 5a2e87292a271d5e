import * as tf from '@tensorflow/tfjs-core';
import type { Graph, GraphNode, ValueName } from '../model/graph.ts';
import { readsOf } from '../model/reads.ts';
import type { Tensor } from '../model/tensor.ts';
import type { Run } from './engine.ts';
import type { PreparedNode } from './prepare.ts';

/**
 * Computes values of a graph; nodes that none of them needs are left out. Call it within `tf.tidy`.
 * @param inputs one for each graph input; trailing ones that nothing needs may be absent
 */
export function computeValues(
  graph: Graph,
  nodes: readonly PreparedNode[],
  inputs: readonly Tensor[],
  wanted: readonly ValueName[],
  pass: Pick<Run, 'training' | 'dropoutSeed'>,
): (name: ValueName) => tf.Tensor {
  const needed = neededValues(graph, wanted);
  const run: Run = { ...pass, wants: (name) => needed.has(name) };
  const values = new Map<ValueName, tf.Tensor>();
  const value = (name: ValueName) => {
    const found = values.get(name);
    if (!found) throw new Error(`the value ${name} was not computed`);
    return found;
  };
  for (const [i, { data, shape }] of inputs.entries()) {
    const { name, dtype } = graph.inputs[i];
    if (needed.has(name)) values.set(name, tf.tensor(data, [...shape], dtype));
  }
  for (const { node, operator, slots } of nodes) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    const variables = slots.map(({ variable }) => variable);
    const outputs = operator.forward(takesIntegers(node) ? value : inFloats(value), variables, run);
    for (const [i, name] of node.outputs.entries()) {
      const output = outputs[i];
      if (output) values.set(name, output);
    }
  }
  return value;
}

/** Only token ids and class numbers are integers; to any other node what feeds an embedding is a number like any other. */
function takesIntegers({ op }: GraphNode): boolean {
  return op === 'Gather' || op === 'Loss';
}

function inFloats(value: (name: ValueName) => tf.Tensor): (name: ValueName) => tf.Tensor {
  return (name) => {
    const tensor = value(name);
    return tensor.dtype === 'int32' ? tf.cast(tensor, 'float32') : tensor;
  };
}

/** The values that others are computed from, and these themselves. */
function neededValues({ nodes }: Graph, wanted: readonly ValueName[]): ReadonlySet<ValueName> {
  const needed = new Set(wanted);
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    for (const name of readsOf(node)) needed.add(name);
  }
  return needed;
}
