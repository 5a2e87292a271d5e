import { intOf } from '../../attributes.ts';
import { type Length, product } from '../lengths.ts';
import { refused } from '../refuse.ts';
import { filledTarget, reshaped } from '../reshaped.ts';
import type { Rule } from '../rule.ts';
import { type Flow, lengthsOf, numbers, rowMajor, sizeOfValue } from '../values.ts';
import { frontAxis } from './layout.ts';

export const reshapeRule: Rule = async (lowering, node) => {
  const value = lowering.needed(node, 0);
  const target = await lowering.numbers(node, 1);
  if (!target) throw refused(node, { code: 'reasonInputMissing', args: { input: 1 } });
  if (value.kind === 'flow') {
    const filled = filledTarget(value, target.values, intOf(node, 'allowzero', 0) === 1);
    if (!filled) throw refused(node, { code: 'reasonReshape', args: {} });
    const flow = reshaped(lowering.emitter, value, filled, node);
    for (const [axis, source] of (target.sources ?? []).entries()) {
      const { parts } = flow.axes[axis];
      const stated = target.values[axis];
      if (typeof stated === 'number' && stated > 0 && parts.length === 1 && parts[0] > 0)
        lowering.state(source, flow.values[0], parts[0]);
    }
    lowering.set(node.outputs[0], flow);
    return;
  }
  const size = sizeOfValue(value);
  const copied = target.values.map((length, axis) => (length === 0 ? value.shape[axis] : length));
  const known = product(copied.filter((length) => length !== -1));
  const shape = copied.map((length): Length => {
    if (length !== -1) return length;
    return typeof size === 'number' && typeof known === 'number' ? size / known : size;
  });
  if (value.kind === 'uniform') {
    lowering.set(node.outputs[0], { ...value, shape });
    return;
  }
  const plain = shape.filter((length) => typeof length === 'number');
  if (plain.length < shape.length || (value.kind !== 'weight' && value.kind !== 'numbers'))
    throw refused(node, { code: 'reasonInputConstant', args: { input: 0 } });
  if (value.kind === 'numbers') {
    lowering.set(node.outputs[0], numbers(plain, value.values, value.integer, value.sources));
    return;
  }
  const inOrder = value.strides.every(
    (stride, i) => value.shape[i] === 1 || stride === rowMajor(value.shape)[i],
  );
  if (!inOrder) throw refused(node, { code: 'reasonInputConstant', args: { input: 0 } });
  lowering.set(node.outputs[0], { ...value, shape: plain, strides: rowMajor(plain) });
};

/** Flatten: the axes before one, and those from it on. */
export const flattenRule: Rule = (lowering, node) => {
  const flow: Flow = lowering.flow(node, 0);
  const lengths = lengthsOf(flow);
  const axis = frontAxis(node, intOf(node, 'axis', 1), lengths.length);
  const target = [product(lengths.slice(0, axis)), product(lengths.slice(axis))];
  lowering.set(node.outputs[0], reshaped(lowering.emitter, flow, target, node));
};
