import type { Tensor } from '@tensorflow/tfjs-core';
import type { GraphNode, ValueName } from '../model/graph.ts';
import type { Parameter } from '../model/parameter.ts';
import { activationOperator, logSoftmaxOperator, softmaxOperator } from './ops/activation.ts';
import { batchNormalizationOperator } from './ops/batchNormalization.ts';
import { gatherOperator } from './ops/gather.ts';
import { applyMaskOperator, combineMasksOperator, notEqualMaskOperator } from './ops/mask.ts';
import { matMulOperator } from './ops/matMul.ts';
import { recurrentOperator } from './ops/recurrent.ts';
import {
  concatOperator,
  dropoutOperator,
  flattenOperator,
  reshapeOperator,
  reverseOperator,
} from './ops/shape.ts';

/** Values of a weight tensor as the engine wants them. */
export interface Weight {
  readonly values: Float32Array;
  readonly shape: number[];
}

/** Computes one node. */
export interface Operator {
  /** The node's weights in the engine's layout, read once a session. */
  weights(read: (parameter: Parameter) => Promise<Float32Array>): Promise<Weight[]>;
  /** The node's outputs; `value` gives any value computed before. */
  forward(value: (name: ValueName) => Tensor, weights: readonly Tensor[]): Tensor[];
}

export interface PreparedNode {
  readonly node: GraphNode;
  readonly weights: readonly Tensor[];
  readonly forward: Operator['forward'];
}

/** The forward of a node; one file an operator in ops/. */
export function operatorOf(node: GraphNode): Operator {
  switch (node.op) {
    case 'LSTM':
    case 'GRU':
    case 'RNN':
      return recurrentOperator(node);
    case 'MatMul':
      return matMulOperator(node);
    case 'Gather':
      return gatherOperator(node);
    case 'BatchNormalization':
      return batchNormalizationOperator(node);
    case 'Activation':
      return activationOperator(node);
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
    case 'ApplyMask':
      return applyMaskOperator(node);
    case 'And':
    case 'Or':
      return combineMasksOperator(node);
  }
}

/** An operator without weights from a function of its inputs. */
export function stateless(node: GraphNode, forward: (...inputs: Tensor[]) => Tensor): Operator {
  return {
    weights: async () => [],
    forward: (value) => [forward(...node.inputs.map(value))],
  };
}

/** A parameter as it is in the file. */
export async function plain(
  read: (parameter: Parameter) => Promise<Float32Array>,
  parameter: Parameter,
): Promise<Weight> {
  return { values: await read(parameter), shape: [...parameter.shape] };
}

/** The node of one operator. */
export type NodeOf<Op extends GraphNode['op']> = Extract<GraphNode, { op: Op }>;
