import type { GraphNode, ValueName } from '../../../../model/graph.ts';
import type { OnnxNode } from '../../proto.ts';
import { nameOf } from '../../recurrent/found.ts';
import { aligned } from '../aligned.ts';
import type { Emitter } from '../emitter.ts';
import type { Lowering } from '../lowering.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import { type Flow, flowOf } from '../values.ts';
import { foldRule, foldUnaryRule } from './foldRule.ts';
import { applied } from './unary.ts';

/*
 * Truth values that are computed when the graph runs are 0 and 1 in our graph.
 */

/** Equal: of known numbers, or of a value with one number. */
export const equalRule: Rule = async (lowering, node) => {
  const operands = [lowering.needed(node, 0), lowering.needed(node, 1)];
  const flow = operands.find((value) => value.kind === 'flow');
  if (!flow) return foldRule(lowering, node);
  const other = await lowering.known(operands[1 - operands.indexOf(flow)]);
  const [value] = other?.values ?? [];
  if (other?.values.length !== 1 || typeof value !== 'number' || other.shape.length > flow.axes.length)
    throw refused(node, { code: 'reasonInputComputed', args: { input: 1 } });
  const bare = (input: string) =>
    ({ op: 'NotEqualMask', value, overFeatures: false, inputs: [input] }) as const;
  lowering.set(node.outputs[0], opposite(lowering, applied(lowering, flow, bare, node), node));
};

/** Not: of known truths, or of computed ones. */
export const notRule: Rule = (lowering, node) => {
  const value = lowering.needed(node, 0);
  if (value.kind !== 'flow') return foldUnaryRule(lowering, node);
  if (!value.values.every((name) => isTruth(lowering.emitter, name)))
    throw refused(node, { code: 'reasonInputComputed', args: { input: 0 } });
  lowering.set(node.outputs[0], opposite(lowering, value, node));
};

const lessOne = { op: 'Affine', alpha: -1, beta: 1 } as const;

function isOpposite(node: GraphNode | undefined): boolean {
  return node?.op === 'Activation' && JSON.stringify(node.activation) === JSON.stringify(lessOne);
}

/** 1 − x of each value; that of 1 − x is x. */
export function opposite(lowering: Lowering, flow: Flow, node: OnnxNode): Flow {
  const made = flow.values.map((name) => lowering.emitter.producer(name));
  if (made.every(isOpposite))
    return flowOf(
      made.map((one) => one?.inputs[0] ?? ''),
      flow.axes,
    );
  return applied(
    lowering,
    flow,
    (input) => ({ op: 'Activation', activation: lessOne, inputs: [input] }),
    node,
  );
}

/** And, Or: of known truths, or of computed ones. */
export function combineRule(op: 'And' | 'Or'): Rule {
  return async (lowering, node) => {
    const operands = [lowering.needed(node, 0), lowering.needed(node, 1)];
    if (!operands.some((value) => value.kind === 'flow')) return foldRule(lowering, node);
    const { values, shape, axes } = await aligned(lowering, operands, node);
    const areMasks = values.every((name) => isMask(lowering.emitter, name));
    const bare = areMasks
      ? ({ op, inputs: values } as const)
      : ({ op: op === 'And' ? 'Mul' : 'Max', inputs: values } as const);
    lowering.set(
      node.outputs[0],
      flowOf([lowering.emitter.add(bare, shape, nameOf(node), node.outputs[0])], axes),
    );
  };
}

const makers: readonly string[] = ['NotEqualMask', 'LengthMask', 'And', 'Or'];
/** What moves truths about, or combines them. */
const carriers: readonly string[] = [
  'Reshape',
  'Transpose',
  'Slice',
  'Select',
  'Reverse',
  'Concat',
  'Expand',
  'Mul',
  'Max',
];
/** Whether a value is a mask [B,T] of our graph. */
export function isMask(emitter: Emitter, name: ValueName): boolean {
  return makers.includes(emitter.producer(name)?.op ?? '') && emitter.shape(name).length === 2;
}

/** Whether a value is 0 and 1 alone: whether all that it comes from is. */
function isTruth(emitter: Emitter, name: ValueName): boolean {
  const names = new Set([name]);
  for (const one of names) {
    const node = emitter.producer(one);
    if (!node) return false;
    if (makers.includes(node.op)) continue;
    if (!carriers.includes(node.op) && !isOpposite(node)) return false;
    const ofOne = node.op === 'Expand' || node.op === 'Slice';
    for (const input of ofOne ? node.inputs.slice(0, 1) : node.inputs) names.add(input);
  }
  return true;
}

/** A value as a truth: whether it is not 0. */
export function truthOf(lowering: Lowering, flow: Flow, node: OnnxNode): Flow {
  if (flow.values.every((name) => isTruth(lowering.emitter, name))) return flow;
  return applied(lowering, flow, isTrue, node);
}

/** Whether a value is not 0. */
export const isTrue = (input: string) =>
  ({ op: 'NotEqualMask', value: 0, overFeatures: false, inputs: [input] }) as const;
