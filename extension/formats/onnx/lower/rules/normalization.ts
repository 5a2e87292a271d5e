import type { Parameter } from '../../../../model/parameter.ts';
import { floatOf, intOf } from '../../attributes.ts';
import type { OnnxNode } from '../../proto.ts';
import { nameOf } from '../../recurrent/found.ts';
import { partsAt } from '../aligned.ts';
import { lastAxis, unstacked, withLast } from '../arrange.ts';
import type { Lowering } from '../lowering.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import { type Flow, flowOf, wholeParameter } from '../values.ts';
import { frontAxis } from './layout.ts';

/** BatchNormalization with the statistics of the file, over ONNX' axis 1. */
export const batchNormalizationRule: Rule = (lowering, node) => {
  if (intOf(node, 'training_mode', 0) !== 0)
    throw refused(node, { code: 'reasonAttribute', args: { name: 'training_mode' } });
  const { flow, axis } = channelsOf(lowering, node);
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((input) => vector(lowering, node, input));
  const epsilon = floatOf(node, 'epsilon', 1e-5);
  const name = lowering.emitter.add(
    { op: 'BatchNormalization', axis, epsilon, gamma, beta, mean, variance, inputs: flow.values },
    lowering.emitter.shape(flow.values[0]),
    nameOf(node),
    node.outputs[0],
  );
  lowering.set(node.outputs[0], flowOf([name], flow.axes));
};

/** InstanceNormalization: each channel of ONNX' axis 1 is a group of its own. Our node takes the statistics over all but it and the batch. */
export const instanceNormalizationRule: Rule = (lowering, node) => {
  const { flow, axis } = channelsOf(lowering, node);
  const samples = partsAt(lowering.emitter, flow, 0);
  if (!samples.includes(0)) throw refused(node, { code: 'reasonMixesSamples', args: {} });
  if (samples.length > 1) throw refused(node, { code: 'reasonPartsAsSamples', args: {} });
  const [gamma, beta] = [vector(lowering, node, 1), vector(lowering, node, 2)];
  const epsilon = floatOf(node, 'epsilon', 1e-5);
  const [groups] = gamma.shape;
  const name = lowering.emitter.add(
    { op: 'GroupNormalization', groups, axis, epsilon, gamma, beta, inputs: flow.values },
    lowering.emitter.shape(flow.values[0]),
    nameOf(node),
    node.outputs[0],
  );
  lowering.set(node.outputs[0], flowOf([name], flow.axes));
};

/** A node's input with ONNX' axis 1 as one axis of its value. */
function channelsOf(lowering: Lowering, node: OnnxNode): { flow: Flow; axis: number } {
  const { emitter } = lowering;
  const single = unstacked(emitter, lowering.flow(node, 0), node);
  frontAxis(node, 1, single.axes.length);
  const flow = single.axes[1].parts.length === 1 ? single : withLast(emitter, single, [1], node);
  return { flow, axis: flow.axes[1].parts[0] };
}

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
