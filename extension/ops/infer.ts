import type { Graph, GraphNode, ValueName } from '../model/graph.ts';
import { masksOf } from '../model/reads.ts';
import { attentionShape } from './attention.ts';
import { batchNormalizationShape } from './batchNormalization.ts';
import { concatShape } from './concat.ts';
import { constantShape, weightShape } from './constant.ts';
import { convShape } from './conv.ts';
import { expandShape } from './expand.ts';
import { gatherShape } from './gather.ts';
import { groupNormalizationShape } from './groupNormalization.ts';
import { layerNormalizationShape, lpNormalizationShape } from './layerNormalization.ts';
import { lossShape } from './loss.ts';
import { lengthMaskShape, notEqualMaskShape } from './mask.ts';
import { matMulShape } from './matMul.ts';
import { mergeShape } from './merge.ts';
import { poolShape } from './pool.ts';
import { preluShape } from './prelu.ts';
import { productShape } from './product.ts';
import { recurrentShape } from './recurrent.ts';
import { reduceAxesShape } from './reduce.ts';
import { flattenShape, reshapeShape, transposeShape } from './reshape.ts';
import { checkShape, type Shape } from './shape.ts';
import { selectShape, sliceShape } from './slice.ts';
import { softmaxShape } from './softmax.ts';
import { padShape, reduceShape, repeatVectorShape, upsampleShape } from './steps.ts';

/**
 * Shapes of all values of a graph before any data is there. Throws `UserError` graphUnsupported where a layer cannot
 * take what comes to it, so that a graph that passes can be computed.
 */
export function inferShapes(graph: Graph): ReadonlyMap<ValueName, Shape> {
  const shapes = new Map<ValueName, Shape>(graph.inputs.map(({ name, shape }) => [name, shape]));
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => shapes.get(name) as Shape);
    const outputs = outputShapes(node, inputs);
    for (const { mask, input } of masksOf(node)) checkMask(node, shapes.get(mask) as Shape, inputs[input]);
    for (const [i, name] of node.outputs.entries()) shapes.set(name, outputs[i]);
  }
  return shapes;
}

/** [B,T] beside x [B,T,…]. */
function checkMask(node: GraphNode, mask: Shape, x: Shape): void {
  checkShape(node, mask, x.slice(0, 2));
}

function outputShapes(node: GraphNode, inputs: readonly Shape[]): readonly Shape[] {
  switch (node.op) {
    case 'LSTM':
    case 'GRU':
    case 'RNN':
      return recurrentShape(node, inputs);
    case 'MatMul':
      return matMulShape(node, inputs);
    case 'Product':
      return productShape(node, inputs);
    case 'Constant':
      return constantShape(node, inputs);
    case 'Weight':
      return weightShape(node, inputs);
    case 'Expand':
      return expandShape(node, inputs);
    case 'Slice':
      return sliceShape(node, inputs);
    case 'Select':
      return selectShape(node, inputs);
    case 'Reduce':
      return reduceAxesShape(node, inputs);
    case 'Gather':
      return gatherShape(node, inputs);
    case 'Concat':
      return concatShape(node, inputs);
    case 'Reshape':
      return reshapeShape(node, inputs);
    case 'Flatten':
      return flattenShape(node, inputs);
    case 'NotEqualMask':
      return notEqualMaskShape(node, inputs);
    case 'LengthMask':
      return lengthMaskShape(node, inputs);
    case 'BatchNormalization':
      return batchNormalizationShape(node, inputs);
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
    case 'Pow':
    case 'Mean':
    case 'Max':
    case 'Min':
      return mergeShape(node, inputs);
    case 'Attention':
      return attentionShape(node, inputs);
    case 'Conv':
      return convShape(node, inputs);
    case 'MaxPool':
    case 'AveragePool':
      return poolShape(node, inputs);
    case 'GroupNormalization':
      return groupNormalizationShape(node, inputs);
    case 'LpNormalization':
      return lpNormalizationShape(node, inputs);
    case 'PRelu':
      return preluShape(node, inputs);
    case 'Pad':
      return padShape(node, inputs);
    case 'Upsample':
      return upsampleShape(node, inputs);
    case 'LayerNormalization':
      return layerNormalizationShape(node, inputs);
    case 'ReduceMean':
    case 'ReduceMax':
      return reduceShape(node, inputs);
    case 'RepeatVector':
      return repeatVectorShape(node, inputs);
    case 'Transpose':
      return transposeShape(node, inputs);
    case 'Loss':
      return lossShape(node, inputs);
    case 'Softmax':
    case 'LogSoftmax':
      return softmaxShape(node, inputs);
    case 'Activation':
    case 'Scale':
    case 'Reverse':
    case 'ApplyMask':
    case 'And':
    case 'Or':
    case 'Dropout':
      return [inputs[0]];
  }
}
