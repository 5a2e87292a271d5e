import type { Graph } from '../../../model/graph.ts';
import { readNodes } from '../../../model/reads.ts';
import { UserError } from '../../../protocol/userError.ts';
import type { Counterpart, LoweredOnnx, OnnxContents } from '../contents.ts';
import type { OnnxNode } from '../proto.ts';
import { nameOf } from '../recurrent/found.ts';
import { assumptionsOf } from './assumptions.ts';
import { withHalves } from './halves.ts';
import {
  addInputs,
  type Batches,
  canBeSet,
  fedInputs,
  graphInputs,
  type InputAxes,
  likelyBatches,
} from './inputs.ts';
import { Lowering } from './lowering.ts';
import { lowerNodes, readInBodies } from './lowerNodes.ts';
import { graphOutputs, skippedEnds } from './outputs.ts';
import { BatchElsewhere, LengthImplied, operatorOf, refused } from './refuse.ts';
import { ruleOf } from './ruleOf.ts';
import { keepOrder } from './rules/sampleOrder.ts';

/** The graph is lowered anew with each length that a node says; models have one or two. */
const mostImplied = 8;

/**
 * An ONNX model's main graph as ours. Where the batch lies is what its recurrent nodes say; where they say nothing, the axes' names, else
 * the first axis. Throws `UserError` where our graph cannot say what a node does.
 */
export async function lowerOnnx(contents: OnnxContents): Promise<LoweredOnnx> {
  const inputs = fedInputs(contents.model.graph);
  let batches: Batches = likelyBatches(inputs);
  let lengths: InputAxes['lengths'] = new Map();
  for (const tried = new Set<string>(); ; ) {
    tried.add(JSON.stringify([...batches]));
    try {
      return await lowered(contents, { batches, lengths });
    } catch (error) {
      if (error instanceof LengthImplied) {
        const isNew = !lengths.has(error.length) && lengths.size < mostImplied;
        if (!isNew || !canBeSet(error.length, inputs, batches)) throw error.refusal;
        lengths = new Map(lengths).set(error.length, error.count);
        continue;
      }
      if (!(error instanceof BatchElsewhere)) throw error;
      batches = new Map(batches).set(error.input, error.axis);
      lengths = new Map();
      if (tried.has(JSON.stringify([...batches])))
        throw new UserError('graphUnsupported', {}, { code: 'reasonNoBatch', args: { input: error.input } });
    }
  }
}

async function lowered(contents: OnnxContents, axes: InputAxes): Promise<LoweredOnnx> {
  const lowering = new Lowering(contents, lowerNode);
  const { graph } = contents.model;
  const inputs = fedInputs(graph);
  addInputs(lowering, inputs, axes);
  const skipped = skippedEnds(graph);
  await lowerNodes(lowering, skipped.outputs);
  const outputs = graphOutputs(lowering, skipped);
  // Several nodes of the file may have become one.
  const nodes = withHalves(lowering, readNodes({ nodes: lowering.emitter.nodes, outputs }), outputs);
  const assumptions = assumptionsOf([...inputs, ...graph.outputs], skipped);
  const made: Graph = {
    inputs: graphInputs(lowering, inputs),
    nodes,
    outputs,
    ...(assumptions.length > 0 && { assumptions }),
  };
  return {
    graph: made,
    trainingNotes: [],
    values: counterparts(lowering),
    lengths: lowering.lengths,
    zeroStates: lowering.zeroStates,
    constants: lowering.constants,
    spelled: lowering.spelled,
    bodies: lowering.bodies,
  };
}

/** Operators of quantised models, those of ONNX Runtime among them. */
const onIntegers = /quantize|Integer|^QLinear|^QGemm$|NBits$/i;

async function lowerNode(lowering: Lowering, node: OnnxNode): Promise<void> {
  const rule = ruleOf(node);
  if (!rule) {
    if (onIntegers.test(node.opType)) throw refused(node, { code: 'reasonOnIntegers', args: {} });
    const opset = lowering.contents.model.opsets.get(node.domain) ?? 0;
    throw new UserError('operatorUnsupported', { node: nameOf(node), operator: operatorOf(node), opset });
  }
  await rule(lowering, node);
  keepOrder(lowering, node, [...node.inputs, ...readInBodies(node)]);
}

/** Values whose axes are those of one value of ours. */
function counterparts(lowering: Lowering): Map<string, Counterpart> {
  const found = new Map<string, Counterpart>();
  for (const [name, value] of lowering.values) {
    if (value.kind !== 'flow') continue;
    const axes = value.axes.map(({ parts }) => (parts.length === 1 && parts[0] >= 0 ? parts[0] : null));
    const isOne = value.values.length === 1;
    const layout = JSON.stringify(value.axes.map(({ parts, length }) => [parts, parts.length > 0 || length]));
    found.set(name, { value: value.values[0], axes, ...(isOne && { layout }) });
  }
  return found;
}
