import type { Activation, CellActivation, ValueName } from '../../../../model/graph.ts';
import { affineOf, type CellBody, made } from './body.ts';

export interface Applied {
  readonly activation: CellActivation;
  /** What it is applied to. */
  readonly to: ValueName;
}

/** A value as an activation of another one; undefined where it is none. What is a sum already is one of Identity. */
export function activationOf(body: CellBody, name: ValueName): Applied | undefined {
  const composed = composedOf(body, name);
  if (composed) return composed;
  const { of, factor, shift } = affineOf(body, name);
  const soft = made(body, name, 'Softmax', 'LogSoftmax');
  if (soft)
    return soft.axis === 1 || soft.axis === -1
      ? { activation: { op: soft.op }, to: soft.inputs[0] }
      : undefined;
  const inner = made(body, of, 'Activation');
  if (inner?.activation.op === 'Tanh' && shift === 0 && (factor !== 1 || isScaled(body, inner.inputs[0]))) {
    const before = affineOf(body, inner.inputs[0]);
    if (before.shift !== 0) return undefined;
    return { activation: { op: 'ScaledTanh', alpha: factor, beta: before.factor }, to: before.of };
  }
  if (factor !== 1 || shift !== 0)
    return { activation: { op: 'Affine', alpha: factor, beta: shift }, to: of };
  if (inner) return { activation: inner.activation, to: inner.inputs[0] };
  return { activation: { op: 'Identity' }, to: name };
}

function isScaled(body: CellBody, name: ValueName): boolean {
  return affineOf(body, name).factor !== 1;
}

/** How an activation is put together of others, of x. */
type Pattern =
  | 'x'
  | readonly [Activation['op'], Pattern]
  | readonly ['Mul' | 'Add' | 'Sub', Pattern, Pattern]
  | readonly ['affine', factor: number, shift: number, Pattern];

const softplus: Pattern = ['Softplus', 'x'];
const patterns: Readonly<Partial<Record<Activation['op'], Pattern>>> = {
  Gelu: ['Mul', ['affine', 0.5, 0, 'x'], ['affine', 1, 1, ['Erf', ['affine', Math.SQRT1_2, 0, 'x']]]],
  Swish: ['Mul', 'x', ['Sigmoid', 'x']],
  Mish: ['Mul', 'x', ['Tanh', softplus]],
  TanhShrink: ['Sub', 'x', ['Tanh', 'x']],
  LogSigmoid: ['affine', -1, 0, ['Softplus', ['affine', -1, 0, 'x']]],
  Squareplus: ['affine', 0.5, 0, ['Add', 'x', ['Sqrt', ['affine', 1, 4, ['Mul', 'x', 'x']]]]],
};

function composedOf(body: CellBody, name: ValueName): Applied | undefined {
  for (const [op, pattern] of Object.entries(patterns) as [Activation['op'], Pattern][]) {
    const found = unified(body, name, pattern, {});
    if (found?.x !== undefined) return { activation: { op }, to: found.x };
  }
  return undefined;
}

interface Found {
  readonly x?: ValueName;
}

/** What x is where a value is computed by a pattern; undefined where it is not. Factors of a sum or product stand in any order. */
function unified(body: CellBody, name: ValueName, pattern: Pattern, found: Found): Found | undefined {
  if (pattern === 'x') return found.x === undefined || found.x === name ? { x: name } : undefined;
  if (pattern[0] === 'affine') {
    const [, factor, shift, inner] = pattern;
    const { of, factor: f, shift: s } = affineOf(body, name);
    return near(f, factor) && near(s, shift) ? unified(body, of, inner, found) : undefined;
  }
  if (pattern.length === 2) {
    const node = made(body, name, 'Activation');
    return node?.activation.op === pattern[0] ? unified(body, node.inputs[0], pattern[1], found) : undefined;
  }
  const [op, first, second] = pattern;
  const node = made(body, name, op);
  if (node?.inputs.length !== 2) return undefined;
  const inOrder = ([a, b]: readonly ValueName[]) => {
    const left = unified(body, a, first, found);
    return left && unified(body, b, second, left);
  };
  return inOrder(node.inputs) ?? (op === 'Sub' ? undefined : inOrder(node.inputs.toReversed()));
}

/** Numbers in a file are rounded to float32. */
function near(a: number, b: number): boolean {
  return Math.abs(a - b) < 1e-6;
}
