import type { Graph, GraphNode, ValueName } from '../model/graph.ts';
import type { Model } from '../model/model.ts';
import { noGraph } from '../model/whyNoGraph.ts';
import type { Message } from '../protocol/messages.ts';
import { UserError } from '../protocol/userError.ts';
import { activationUnits } from './activation.ts';
import { attentionUnits } from './attention.ts';
import { batchNormalizationUnits } from './batchNormalization.ts';
import { concatUnits } from './concat.ts';
import { weightUnits } from './constant.ts';
import { convUnits } from './conv.ts';
import { expandUnits } from './expand.ts';
import { gatherUnits } from './gather.ts';
import { groupNormalizationUnits } from './groupNormalization.ts';
import { inferShapes } from './infer.ts';
import { layerNormalizationUnits, lpNormalizationUnits } from './layerNormalization.ts';
import { lengthMaskUnits } from './mask.ts';
import { matMulUnits } from './matMul.ts';
import { mergeUnits } from './merge.ts';
import { poolUnits } from './pool.ts';
import { preluUnits } from './prelu.ts';
import { productUnits } from './product.ts';
import { layerSlots, outputSlots, readUnits, recurrentUnits } from './recurrent.ts';
import { reduceAxesUnits } from './reduce.ts';
import { flattenUnits, reshapeUnits, reverseUnits, transposeUnits } from './reshape.ts';
import type { Shape } from './shape.ts';
import { selectUnits, sliceUnits } from './slice.ts';
import { softmaxUnits } from './softmax.ts';
import { reduceUnits, repeatVectorUnits, stepUnits } from './steps.ts';
import { type Axes, freezeAxes, needUnits, passUnits, type TracedValue } from './units.ts';
import { UnitTrace } from './unitTrace.ts';

/** Where a model's units go, and the units along the axes of every value of its graph. */
export interface TracedModel {
  readonly trace: UnitTrace;
  readonly values: ReadonlyMap<ValueName, TracedValue>;
}

/**
 * Follows the hidden units of a model's recurrent layers through its graph. Without a graph nobody knows who reads them, so none can
 * go; the same where the graph leaves out a part of the model.
 */
export function traceUnits(
  model: Pick<Model, 'graph' | 'layers' | 'parameters' | 'notEvaluable'>,
): TracedModel {
  const trace = new UnitTrace();
  const shapes = shapesOf(model);
  if (shapes instanceof UserError) {
    freezeAll(model, trace, { code: 'reasonUnitsNoGraph', args: {}, cause: shapes.info });
    return { trace, values: new Map() };
  }
  const values = followed(model.graph as Graph, shapes, trace);
  const leftOut = model.parameters.find((parameter) => !trace.knows(parameter));
  if (leftOut) freezeAll(model, trace, { code: 'reasonUnitsLeftOut', args: { parameter: leftOut.name } });
  return { trace, values };
}

/** The shapes of the graph's values, or why it cannot be computed. */
function shapesOf(model: Pick<Model, 'graph' | 'notEvaluable'>) {
  try {
    return model.graph ? inferShapes(model.graph) : noGraph(model);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

function followed(
  { inputs, nodes, outputs }: Graph,
  shapes: ReadonlyMap<ValueName, Shape>,
  trace: UnitTrace,
): Map<ValueName, TracedValue> {
  const values = new Map<ValueName, TracedValue>();
  const add = (name: ValueName, axes: Axes) => {
    const shape = shapes.get(name) as Shape;
    values.set(name, { shape, axes: shape.map((_, axis) => axes[axis]) });
  };
  for (const { name } of inputs) add(name, []);
  for (const node of nodes) {
    const read = node.inputs.map((name) => values.get(name) as TracedValue);
    const found = outputUnits(node, read, trace);
    for (const [i, name] of node.outputs.entries()) add(name, found[i] ?? []);
  }
  for (const { name } of outputs) {
    const { axes } = values.get(name) as TracedValue;
    freezeAxes(axes, { code: 'reasonUnitsOutput', args: {} }, trace);
  }
  return values;
}

function freezeAll({ layers }: Pick<Model, 'layers'>, trace: UnitTrace, reason: Message): void {
  for (const layer of layers) {
    const slots = layerSlots(layer, trace);
    readUnits(layer, 'kernel', undefined, trace, reason);
    for (const own of [slots, outputSlots(layer, trace)]) trace.freeze(own, reason);
  }
}

function outputUnits(node: GraphNode, inputs: readonly TracedValue[], trace: UnitTrace): readonly Axes[] {
  switch (node.op) {
    case 'LSTM':
    case 'GRU':
    case 'RNN':
      return recurrentUnits(node, inputs, trace);
    case 'MatMul':
      return matMulUnits(node, inputs, trace);
    case 'Product':
      return productUnits(node, inputs, trace);
    case 'Constant':
      return [[]];
    case 'Weight':
      return weightUnits(node, inputs, trace);
    case 'Expand':
      return expandUnits(node, inputs, trace);
    case 'Slice':
      return sliceUnits(node, inputs, trace);
    case 'Select':
      return selectUnits(node, inputs, trace);
    case 'Reduce':
      return reduceAxesUnits(node, inputs, trace);
    case 'Gather':
      return gatherUnits(node, inputs, trace);
    case 'Concat':
      return concatUnits(node, inputs, trace);
    case 'Reshape':
      return reshapeUnits(node, inputs, trace);
    case 'Flatten':
      return flattenUnits(node, inputs, trace);
    case 'Transpose':
      return transposeUnits(node, inputs, trace);
    case 'Reverse':
      return reverseUnits(node, inputs, trace);
    case 'BatchNormalization':
      return batchNormalizationUnits(node, inputs, trace);
    case 'Conv':
      return convUnits(node, inputs, trace);
    case 'MaxPool':
    case 'AveragePool':
      return poolUnits(node, inputs, trace);
    case 'GroupNormalization':
      return groupNormalizationUnits(node, inputs, trace);
    case 'LpNormalization':
      return lpNormalizationUnits(node, inputs, trace);
    case 'PRelu':
      return preluUnits(node, inputs, trace);
    case 'Pad':
    case 'Upsample':
      return stepUnits(node, inputs, trace);
    case 'LayerNormalization':
      return layerNormalizationUnits(node, inputs, trace);
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
    case 'Pow':
    case 'Mean':
    case 'Max':
    case 'Min':
      return mergeUnits(node, inputs, trace);
    case 'Attention':
      return attentionUnits(node, inputs, trace);
    case 'ReduceMean':
    case 'ReduceMax':
      return reduceUnits(node, inputs, trace);
    case 'RepeatVector':
      return repeatVectorUnits(node, inputs, trace);
    case 'Activation':
      return activationUnits(node, inputs, trace);
    case 'Softmax':
    case 'LogSoftmax':
      return softmaxUnits(node, inputs, trace);
    case 'Scale':
    case 'Dropout':
    case 'ApplyMask':
      return passUnits(node, inputs, trace);
    case 'LengthMask':
      return lengthMaskUnits(node, inputs, trace);
    case 'NotEqualMask':
    case 'And':
    case 'Or':
    case 'Loss':
      return needUnits(node, inputs, trace);
  }
}
