import type { Graph } from '../../../model/graph.ts';
import { UserError } from '../../../protocol/userError.ts';
import type { Counterpart, LoweredOnnx, OnnxContents } from '../contents.ts';
import type { OnnxNode } from '../proto.ts';
import { nameOf } from '../recurrent/found.ts';
import { addInputs, type Batches, fedInputs, graphInputs, likelyBatches } from './inputs.ts';
import { Lowering } from './lowering.ts';
import { graphOutputs, skippedEnds } from './outputs.ts';
import { BatchElsewhere, operatorOf } from './refuse.ts';
import { ruleOf } from './ruleOf.ts';
import { integersOf } from './rules/constants.ts';
import type { Value } from './values.ts';

/**
 * An ONNX model's main graph as ours. Where the batch lies is what its recurrent nodes say; where they say nothing, the axes' names, else
 * the first axis. Throws `UserError` where our graph cannot say what a node does.
 */
export async function lowerOnnx(contents: OnnxContents): Promise<LoweredOnnx> {
  const inputs = fedInputs(contents.model.graph);
  let batches: Batches = likelyBatches(inputs);
  for (const tried = new Set<string>(); ; ) {
    tried.add(JSON.stringify([...batches]));
    try {
      return await lowered(contents, batches);
    } catch (error) {
      if (!(error instanceof BatchElsewhere)) throw error;
      batches = new Map(batches).set(error.input, error.axis);
      if (tried.has(JSON.stringify([...batches])))
        throw new UserError('graphUnsupported', {}, { code: 'reasonNoBatch', args: { input: error.input } });
    }
  }
}

async function lowered(contents: OnnxContents, batches: Batches): Promise<LoweredOnnx> {
  const lowering = new Lowering(contents);
  const { graph } = contents.model;
  const inputs = fedInputs(graph);
  addInputs(lowering, inputs, batches);
  for (const [name, tensor] of graph.initializers) {
    const known = integersOf(tensor) ?? weightOf(contents, name);
    if (known) lowering.set(name, known);
  }
  const skipped = skippedEnds(graph);
  for (const node of needed(graph.nodes, skipped.outputs, contents)) {
    const left = node.outputs.filter((name) => name !== '' && !setAsWeight(lowering, name));
    if (left.length > 0) await lowerNode(lowering, node);
  }
  const outputs = graphOutputs(lowering, skipped);
  const { nodes } = lowering.emitter;
  const made: Graph = { inputs: graphInputs(lowering, inputs), nodes, outputs };
  return {
    graph: made,
    trainingNotes: [],
    values: counterparts(lowering),
    lengths: lowering.lengths,
    zeroStates: lowering.zeroStates,
    constants: lowering.constants,
  };
}

async function lowerNode(lowering: Lowering, node: OnnxNode): Promise<void> {
  const rule = ruleOf(node);
  if (!rule) {
    const opset = lowering.contents.model.opsets.get(node.domain) ?? 0;
    throw new UserError('operatorUnsupported', { node: nameOf(node), operator: operatorOf(node), opset });
  }
  await rule(lowering, node);
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
    kept.unshift(node);
  }
  return kept;
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

/** Values whose axes are those of one value of ours. */
function counterparts(lowering: Lowering): Map<string, Counterpart> {
  const found = new Map<string, Counterpart>();
  for (const [name, value] of lowering.values) {
    if (value.kind !== 'flow') continue;
    const axes = value.axes.map(({ parts }) => (parts.length === 1 && parts[0] >= 0 ? parts[0] : null));
    found.set(name, { value: value.values[0], axes });
  }
  return found;
}
