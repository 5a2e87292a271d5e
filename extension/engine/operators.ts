import type { Tensor } from '@tensorflow/tfjs-core';
import type { GraphNode } from '../model/graph.ts';
import type { Operator } from './engine.ts';
import { activationOperator, logSoftmaxOperator, softmaxOperator } from './ops/activation.ts';
import { attentionOperator } from './ops/attention.ts';
import { batchNormalizationOperator } from './ops/batchNormalization.ts';
import { constantOperator, weightOperator } from './ops/constant.ts';
import { convOperator } from './ops/conv.ts';
import { dropoutOperator } from './ops/dropout.ts';
import { expandOperator } from './ops/expand.ts';
import { gatherOperator } from './ops/gather.ts';
import { groupNormalizationOperator, lpNormalizationOperator } from './ops/groupNormalization.ts';
import { layerNormalizationOperator } from './ops/layerNormalization.ts';
import { lossOperator } from './ops/loss.ts';
import {
  applyMaskOperator,
  combineMasksOperator,
  lengthMaskOperator,
  notEqualMaskOperator,
} from './ops/mask.ts';
import { matMulOperator } from './ops/matMul.ts';
import { mergeOperator } from './ops/merge.ts';
import { poolOperator } from './ops/pool.ts';
import { preluOperator } from './ops/prelu.ts';
import { productOperator } from './ops/product.ts';
import { recurrentOperator } from './ops/recurrent.ts';
import { reduceAxesOperator } from './ops/reduce.ts';
import { scaleOperator } from './ops/scale.ts';
import {
  concatOperator,
  flattenOperator,
  reshapeOperator,
  reverseOperator,
  transposeOperator,
} from './ops/shape.ts';
import { selectOperator, sliceOperator } from './ops/slice.ts';
import { padOperator, reduceOperator, repeatVectorOperator, upsampleOperator } from './ops/steps.ts';

/** A node in TensorFlow.js' operations, on any backend; one file an operator in ops/. */
export function genericOperator(node: GraphNode): Operator {
  switch (node.op) {
    case 'LSTM':
    case 'GRU':
    case 'RNN':
      return recurrentOperator(node);
    case 'MatMul':
      return matMulOperator(node);
    case 'Product':
      return productOperator(node);
    case 'Constant':
      return constantOperator(node);
    case 'Weight':
      return weightOperator(node);
    case 'Expand':
      return expandOperator(node);
    case 'Slice':
      return sliceOperator(node);
    case 'Select':
      return selectOperator(node);
    case 'Reduce':
      return reduceAxesOperator(node);
    case 'Gather':
      return gatherOperator(node);
    case 'BatchNormalization':
      return batchNormalizationOperator(node);
    case 'Activation':
      return activationOperator(node);
    case 'Scale':
      return scaleOperator(node);
    case 'Softmax':
      return softmaxOperator(node);
    case 'LogSoftmax':
      return logSoftmaxOperator(node);
    case 'Concat':
      return concatOperator(node);
    case 'Reshape':
      return reshapeOperator(node);
    case 'Flatten':
      return flattenOperator(node);
    case 'Reverse':
      return reverseOperator(node);
    case 'Dropout':
      return dropoutOperator(node);
    case 'NotEqualMask':
      return notEqualMaskOperator(node);
    case 'LengthMask':
      return lengthMaskOperator(node);
    case 'ApplyMask':
      return applyMaskOperator(node);
    case 'And':
    case 'Or':
      return combineMasksOperator(node);
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
    case 'Pow':
    case 'Mean':
    case 'Max':
    case 'Min':
      return mergeOperator(node);
    case 'Attention':
      return attentionOperator(node);
    case 'Conv':
      return convOperator(node);
    case 'MaxPool':
    case 'AveragePool':
      return poolOperator(node);
    case 'GroupNormalization':
      return groupNormalizationOperator(node);
    case 'LpNormalization':
      return lpNormalizationOperator(node);
    case 'PRelu':
      return preluOperator(node);
    case 'Pad':
      return padOperator(node);
    case 'Upsample':
      return upsampleOperator(node);
    case 'LayerNormalization':
      return layerNormalizationOperator(node);
    case 'ReduceMean':
    case 'ReduceMax':
      return reduceOperator(node);
    case 'RepeatVector':
      return repeatVectorOperator(node);
    case 'Transpose':
      return transposeOperator(node);
    case 'Loss':
      return lossOperator(node);
  }
}

/** An operator without weights from a function of its inputs. */
export function stateless(node: GraphNode, forward: (...inputs: Tensor[]) => Tensor): Operator {
  return { weights: [], forward: (value) => [forward(...node.inputs.map(value))] };
}

/** The node of one operator. */
export type NodeOf<Op extends GraphNode['op']> = Extract<GraphNode, { op: Op }>;
