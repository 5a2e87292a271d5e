import type { Parameter } from '../../../../model/parameter.ts';
import { floatOf, intOf } from '../../attributes.ts';
import type { OnnxNode } from '../../proto.ts';
import { nameOf } from '../../recurrent/found.ts';
import { lastAxis, unstacked, withLast } from '../arrange.ts';
import type { Lowering } from '../lowering.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import { flowOf, wholeParameter } from '../values.ts';
import { frontAxis } from './layout.ts';

/** BatchNormalization with the statistics of the file, over ONNX' axis 1. */
export const batchNormalizationRule: Rule = (lowering, node) => {
  if (intOf(node, 'training_mode', 0) !== 0)
    throw refused(node, { code: 'reasonAttribute', args: { name: 'training_mode' } });
  const { emitter } = lowering;
  const flow = unstacked(emitter, lowering.flow(node, 0), node);
  frontAxis(node, 1, flow.axes.length);
  const single = flow.axes[1].parts.length === 1 ? flow : withLast(emitter, flow, [1], node);
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((input) => vector(lowering, node, input));
  const [axis] = single.axes[1].parts;
  const epsilon = floatOf(node, 'epsilon', 1e-5);
  const name = emitter.add(
    { op: 'BatchNormalization', axis, epsilon, gamma, beta, mean, variance, inputs: single.values },
    emitter.shape(single.values[0]),
    nameOf(node),
    node.outputs[0],
  );
  lowering.set(node.outputs[0], flowOf([name], single.axes));
};

/** LayerNormalization over the last axis. */
export const layerNormalizationRule: Rule = (lowering, node) => {
  const { emitter } = lowering;
  const given = lowering.flow(node, 0);
  const rank = given.axes.length;
  if (frontAxis(node, intOf(node, 'axis', -1), rank) !== rank - 1)
    throw refused(node, { code: 'reasonAttribute', args: { name: 'axis' } });
  const flow = lastAxis(emitter, given, node);
  const shape = emitter.shape(flow.values[0]);
  const gamma = vector(lowering, node, 1);
  const epsilon = floatOf(node, 'epsilon', 1e-5);
  const affine = { gamma, ...(lowering.has(node, 2) && { beta: vector(lowering, node, 2) }) };
  const name = emitter.add(
    { op: 'LayerNormalization', axis: shape.length - 1, epsilon, ...affine, inputs: flow.values },
    shape,
    nameOf(node),
    node.outputs[0],
  );
  lowering.set(node.outputs[0], flowOf([name], flow.axes));
};

/** A whole parameter of one axis. */
export function vector(lowering: Lowering, node: OnnxNode, input: number): Parameter {
  const value = lowering.needed(node, input);
  const parameter = value.kind === 'weight' && value.shape.length === 1 ? wholeParameter(value) : undefined;
  if (!parameter) throw refused(node, { code: 'reasonInputComputed', args: { input } });
  return parameter;
}
