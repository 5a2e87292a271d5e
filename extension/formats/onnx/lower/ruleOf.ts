import { entryOf } from '../../entryOf.ts';
import type { OnnxNode } from '../proto.ts';
import type { Rule } from './rule.ts';
import { castLikeRule, castRule } from './rules/cast.ts';
import { compareRule } from './rules/compare.ts';
import { concatRule } from './rules/concat.ts';
import { constantOfShapeRule, constantRule, rangeRule, shapeRule, sizeRule } from './rules/constants.ts';
import { convRule, globalPoolRule, poolRule } from './rules/convolution.ts';
import { einsumRule } from './rules/einsum.ts';
import { foldRule, foldUnaryRule } from './rules/foldRule.ts';
import { gatherElementsRule, gatherNdRule, gatherRule } from './rules/gather.ts';
import { ifRule } from './rules/if.ts';
import { reduceProductRule, triluRule } from './rules/known.ts';
import {
  dropoutRule,
  expandRule,
  passRule,
  squeezeRule,
  transposeRule,
  unsqueezeRule,
} from './rules/layout.ts';
import { gemmRule, matMulRule } from './rules/linear.ts';
import { mergeRule } from './rules/merge.ts';
import {
  batchNormalizationRule,
  instanceNormalizationRule,
  layerNormalizationRule,
} from './rules/normalization.ts';
import { sliceRule, splitRule } from './rules/pick.ts';
import { preluRule } from './rules/prelu.ts';
import { recurrentRule } from './rules/recurrent.ts';
import { reduceRule, squaresRule } from './rules/reduce.ts';
import { padRule, tileRule } from './rules/repeat.ts';
import { flattenRule, reshapeRule } from './rules/reshape.ts';
import { scatterElementsRule, topKRule } from './rules/sampleOrder.ts';
import { scanRule } from './rules/scan.ts';
import { combineRule, equalRule, notRule } from './rules/truth.ts';
import {
  activationRule,
  clipRule,
  geluRule,
  negRule,
  seluRule,
  shrinkRule,
  softmaxRule,
} from './rules/unary.ts';
import { whereRule } from './rules/where.ts';

/** ONNX' own operators that our graph can say. */
const rules: Readonly<Record<string, Rule>> = {
  LSTM: recurrentRule,
  GRU: recurrentRule,
  RNN: recurrentRule,
  Scan: scanRule,
  If: ifRule,
  MatMul: matMulRule,
  Gemm: gemmRule,
  Einsum: einsumRule,
  Conv: convRule,
  MaxPool: poolRule('MaxPool'),
  AveragePool: poolRule('AveragePool'),
  GlobalMaxPool: globalPoolRule('Max'),
  GlobalAveragePool: globalPoolRule('Mean'),
  BatchNormalization: batchNormalizationRule,
  InstanceNormalization: instanceNormalizationRule,
  LayerNormalization: layerNormalizationRule,
  Softmax: softmaxRule('Softmax'),
  LogSoftmax: softmaxRule('LogSoftmax'),
  Gather: gatherRule,
  GatherElements: gatherElementsRule,
  GatherND: gatherNdRule,
  TopK: topKRule,
  ScatterElements: scatterElementsRule,
  Slice: sliceRule,
  Split: splitRule,
  Concat: concatRule,
  Transpose: transposeRule,
  Squeeze: squeezeRule,
  Unsqueeze: unsqueezeRule,
  Reshape: reshapeRule,
  Flatten: flattenRule,
  Expand: expandRule,
  Tile: tileRule,
  Pad: padRule,
  Identity: passRule,
  Cast: castRule,
  CastLike: castLikeRule,
  Dropout: dropoutRule,
  Constant: constantRule,
  ConstantOfShape: constantOfShapeRule,
  Shape: shapeRule,
  Size: sizeRule,
  Range: rangeRule,
  Add: mergeRule('Add'),
  Sum: mergeRule('Add'),
  Sub: mergeRule('Sub'),
  Mul: mergeRule('Mul'),
  Div: mergeRule('Div'),
  Pow: mergeRule('Pow'),
  Max: mergeRule('Max'),
  Min: mergeRule('Min'),
  Mean: mergeRule('Mean'),
  Where: whereRule,
  Mod: foldRule,
  Equal: equalRule,
  Less: compareRule('Less'),
  LessOrEqual: compareRule('LessOrEqual'),
  Greater: compareRule('Greater'),
  GreaterOrEqual: compareRule('GreaterOrEqual'),
  And: combineRule('And'),
  Or: combineRule('Or'),
  Not: notRule,
  Floor: foldUnaryRule,
  Ceil: foldUnaryRule,
  Round: foldUnaryRule,
  Sign: foldUnaryRule,
  Trilu: triluRule,
  ReduceSum: reduceRule('Sum'),
  ReduceMean: reduceRule('Mean'),
  ReduceMax: reduceRule('Max'),
  ReduceMin: reduceRule('Min'),
  ReduceProd: reduceProductRule,
  ReduceL2: squaresRule(true),
  ReduceSumSquare: squaresRule(false),
  Relu: activationRule('Relu'),
  Sigmoid: activationRule('Sigmoid'),
  Tanh: activationRule('Tanh'),
  HardSigmoid: activationRule('HardSigmoid', 0.2, 0.5),
  Softplus: activationRule('Softplus'),
  Softsign: activationRule('Softsign'),
  Elu: activationRule('Elu', 1),
  Selu: seluRule,
  Celu: activationRule('Celu', 1),
  PRelu: preluRule,
  LeakyRelu: activationRule('LeakyRelu', 0.01),
  ThresholdedRelu: activationRule('ThresholdedRelu', 1),
  HardSwish: activationRule('HardSwish'),
  Mish: activationRule('Mish'),
  Gelu: geluRule,
  Shrink: shrinkRule,
  Clip: clipRule,
  Neg: negRule,
  Exp: activationRule('Exp'),
  Log: activationRule('Log'),
  Sqrt: activationRule('Sqrt'),
  Reciprocal: activationRule('Reciprocal'),
  Abs: activationRule('Abs'),
  Erf: activationRule('Erf'),
  Sin: activationRule('Sin'),
  Cos: activationRule('Cos'),
};

export function ruleOf({ domain, opType }: OnnxNode): Rule | undefined {
  return domain === '' ? entryOf(rules, opType) : undefined;
}
