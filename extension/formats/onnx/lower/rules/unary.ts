import type { Activation, ActivationOp } from '../../../../model/graph.ts';
import { tanhGelu } from '../../../tanhGelu.ts';
import { floatOf, intOf, textOf } from '../../attributes.ts';
import type { OnnxNode } from '../../proto.ts';
import { nameOf } from '../../recurrent/found.ts';
import { withLast } from '../arrange.ts';
import type { BareNode } from '../emitter.ts';
import type { Lowering } from '../lowering.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import { type Flow, flowOf } from '../values.ts';
import { foldedUnary } from './fold.ts';
import { frontAxis } from './layout.ts';

/** Value by value: the layout stays, whatever it is. */
export function applied(
  lowering: Lowering,
  flow: Flow,
  make: (input: string) => BareNode,
  node: OnnxNode,
): Flow {
  const { emitter } = lowering;
  const values = flow.values.map((value) =>
    emitter.add(make(value), emitter.shape(value), nameOf(node), node.outputs[0]),
  );
  return flowOf(values, flow.axes);
}

/** An elementwise function with ONNX' attributes alpha and beta, which have these defaults. */
export function activationRule(op: ActivationOp, alpha?: number, beta?: number): Rule {
  return unaryRule((node) => ({
    op,
    ...(alpha !== undefined && { alpha: floatOf(node, 'alpha', alpha) }),
    ...(beta !== undefined && { beta: floatOf(node, 'beta', beta) }),
  }));
}

function unaryRule(activationOf: (node: OnnxNode) => Activation): Rule {
  return async (lowering, node) => {
    const value = lowering.needed(node, 0);
    if (value.kind !== 'flow') {
      const known = await lowering.known(value);
      const outcome = known && foldedUnary(node.opType, known);
      if (!outcome) throw refused(node, { code: 'reasonInputConstant', args: { input: 0 } });
      lowering.set(node.outputs[0], outcome);
      return;
    }
    const activation = activationOf(node);
    lowering.set(
      node.outputs[0],
      applied(lowering, value, (input) => ({ op: 'Activation', activation, inputs: [input] }), node),
    );
  };
}

/** Our Selu has the usual constants (Klambauer et al. 2017). */
export const seluRule: Rule = (lowering, node) => {
  for (const [name, usual] of [
    ['alpha', 1.673263192],
    ['gamma', 1.050701022],
  ] as const) {
    if (Math.abs(floatOf(node, name, usual) - usual) > 1e-6)
      throw refused(node, { code: 'reasonAttribute', args: { name } });
  }
  return activationRule('Selu')(lowering, node);
};

/** Our Gelu is the exact one. */
export const geluRule: Rule = (lowering, node) => {
  const kind = textOf(node, 'approximate', 'none');
  if (kind === 'none') return activationRule('Gelu')(lowering, node);
  if (kind !== 'tanh') throw refused(node, { code: 'reasonAttribute', args: { name: 'approximate' } });
  const { emitter } = lowering;
  const { values, axes } = lowering.flow(node, 0);
  const approximated = values.map((value) =>
    tanhGelu(value, (one) => emitter.add(one, emitter.shape(value), nameOf(node), node.outputs[0])),
  );
  lowering.set(node.outputs[0], flowOf(approximated, axes));
};

export const shrinkRule: Rule = unaryRule((node) => ({
  op: 'Shrink',
  alpha: floatOf(node, 'lambd', 0.5),
  beta: floatOf(node, 'bias', 0),
}));

export const negRule: Rule = async (lowering, node) => {
  const value = lowering.needed(node, 0);
  if (value.kind !== 'flow') return activationRule('Abs')(lowering, node);
  lowering.set(
    node.outputs[0],
    applied(lowering, value, (input) => ({ op: 'Scale', factor: -1, inputs: [input] }), node),
  );
};

/** Clip: limits are inputs from opset 11 on. Where they cross, the upper one holds for all values. */
export const clipRule: Rule = async (lowering, node) => {
  const limit = async (input: number, name: string, usual: number) =>
    lowering.has(node, input) ? (await lowering.single(node, input)).value : floatOf(node, name, usual);
  const alpha = await limit(1, 'min', -Infinity);
  const beta = await limit(2, 'max', Infinity);
  return unaryRule(() => ({ op: 'Clip', alpha: Math.min(alpha, beta), beta }))(lowering, node);
};

/** Softmax and LogSoftmax; before opset 13 over all axes from one on, which is the same where that is the last. */
export function softmaxRule(op: 'Softmax' | 'LogSoftmax'): Rule {
  return (lowering, node) => {
    const flow = lowering.flow(node, 0);
    const rank = flow.axes.length;
    const axis = frontAxis(node, intOf(node, 'axis', lowering.opset < 13 ? 1 : -1), rank);
    if (lowering.opset < 13 && flow.axes.slice(axis + 1).some(({ length }) => length !== 1))
      throw refused(node, { code: 'reasonAttribute', args: { name: 'axis' } });
    const { parts } = flow.axes[axis];
    const single = parts.length === 1 && parts[0] > 0 ? flow : withLast(lowering.emitter, flow, [axis], node);
    const [along] = single.axes[axis].parts;
    lowering.set(
      node.outputs[0],
      applied(lowering, single, (input) => ({ op, axis: along, inputs: [input] }), node),
    );
  };
}
