import type { ActivationOp } from '../../../model/graph.ts';
import type { Grid, Integers } from '../../../model/integers.ts';
import { tanhGelu } from '../../tanhGelu.ts';
import type { TfliteOperator } from '../schema.ts';
import type { Builder } from './builder.ts';
import { applied, matching } from './dense.ts';
import { inputGrid, is8Bit, outputGrid, throughGrid } from './integers.ts';

/** A function of each value; of integers the interpreter has a table of what it gives in floats. */
export function activation(op: ActivationOp) {
  return (b: Builder, operator: TfliteOperator): void => {
    const { name, shape, layout } = b.value(operator, 0);
    const what = op === 'Clip' ? ({ op, alpha: 0, beta: 6 } as const) : { op };
    const [from, to] = [inputGrid(b, operator, 0), outputGrid(b, operator)];
    const source =
      op === 'Sigmoid' && is8Bit(from) && is8Bit(to)
        ? throughGrid(b, operator, name, { kind: 'sigmoid', from, to })
        : name;
    b.put(operator, applied(b, operator, what, source, to && { kind: 'rounded', to }), shape, layout);
  };
}

export function lowerLeakyRelu(b: Builder, operator: TfliteOperator): void {
  const { name, shape, layout } = b.value(operator, 0);
  const alpha = operator.options?.float32(0) ?? 0;
  const [from, to] = [inputGrid(b, operator, 0), outputGrid(b, operator)];
  const integers: Integers | undefined =
    is8Bit(from) && is8Bit(to) ? { kind: 'leaky', from, to } : to && { kind: 'rounded', to };
  b.put(operator, applied(b, operator, { op: 'LeakyRelu', alpha }, name, integers), shape, layout);
}

/** GELU, exactly or by tanh. */
export function lowerGelu(b: Builder, operator: TfliteOperator): void {
  if (operator.options?.bool(0) !== true) {
    activation('Gelu')(b, operator);
    return;
  }
  const { name, shape, layout } = b.value(operator, 0);
  const origin = b.originOf(operator);
  const computed = tanhGelu(name, (node) => b.add({ ...node, outputs: [b.fresh(operator)], origin }));
  b.put(operator, computed, shape, layout);
}

/** NEG, whose kernel is of floats. */
export function lowerNeg(b: Builder, operator: TfliteOperator): void {
  const { name, shape, layout } = b.value(operator, 0);
  const base = { inputs: [name], outputs: [b.fresh(operator)], origin: b.originOf(operator) };
  b.put(operator, b.add({ ...base, op: 'Scale', factor: -1 }), shape, layout);
}

/** RSQRT: of integers by fixed-point steps of Newton and Raphson. */
export function lowerRsqrt(b: Builder, operator: TfliteOperator): void {
  const { name, shape, layout } = b.value(operator, 0);
  const [from, to] = [inputGrid(b, operator, 0), outputGrid(b, operator)];
  const root = applied(b, operator, { op: 'Sqrt' }, name);
  const integers: Integers | undefined =
    is8Bit(from) && is8Bit(to) ? { kind: 'inverseRoot', from, to } : to && { kind: 'rounded', to };
  b.put(operator, applied(b, operator, { op: 'Reciprocal' }, root, integers), shape, layout);
}

/** Bits by which the kernel moves integers up before it takes them from each other. */
const differenceBits = 7;

/** SQUARED_DIFFERENCE as a difference times itself; of integers both are on one grid between. */
export function lowerSquaredDifference(b: Builder, operator: TfliteOperator): void {
  const { names, shape, layout } = matching(b, operator);
  const origin = b.originOf(operator);
  const [one, other, to] = [inputGrid(b, operator, 0), inputGrid(b, operator, 1), outputGrid(b, operator)];
  const isExact = is8Bit(one) && is8Bit(other) && is8Bit(to);
  const between: Grid | undefined = isExact
    ? {
        scale: (2 * Math.max(one.scale, other.scale)) / 2 ** differenceBits,
        zeroPoint: 0,
        least: -(2 ** 16),
        greatest: 2 ** 16,
      }
    : undefined;
  const difference = b.add({
    op: 'Sub',
    inputs: names,
    outputs: [b.fresh(operator)],
    origin,
    ...(isExact && between && { integers: { kind: 'difference', from: [one, other], to: between } }),
  });
  const squared: Integers | undefined =
    isExact && between ? { kind: 'squared', from: between, to } : to && { kind: 'rounded', to };
  const name = b.add({
    op: 'Mul',
    inputs: [difference, difference],
    outputs: [b.fresh(operator)],
    origin,
    ...(squared && { integers: squared }),
  });
  b.put(operator, name, shape, layout);
}

/** TILE of axes of length 1 behind the batch. */
export function lowerTile(b: Builder, operator: TfliteOperator): void {
  const x = b.batchFirst(operator, 0);
  const [samples, ...counts] = b.integers(operator, 1);
  if (samples !== 1 || counts.length !== x.shape.length)
    throw b.refuse(operator, { code: 'reasonMixesSamples', args: {} });
  let { name } = x;
  for (const [i, count] of counts.entries()) {
    if (count === 1) continue;
    if (x.shape[i] !== 1 || count < 1)
      throw b.refuse(operator, { code: 'reasonAttribute', args: { name: 'multiples' } });
    const base = { inputs: [name], outputs: [b.fresh(operator)], origin: b.originOf(operator) };
    name = b.add({ ...base, op: 'Expand', axis: i + 1, count });
  }
  b.put(
    operator,
    name,
    x.shape.map((n, i) => (counts[i] === 1 ? n : counts[i])),
  );
}

/** PRELU with a slope that has all axes of the value, or those at its end. */
export function lowerPrelu(b: Builder, operator: TfliteOperator): void {
  const { name, shape, layout } = b.value(operator, 0);
  const slope = b.tensor(operator, 1);
  if (!slope?.values) throw b.refuse(operator, { code: 'reasonInputComputed', args: { input: '1' } });
  const parameter = b.parameters.of(slope);
  if (parameter.shape.length !== shape.length || layout !== 'batch')
    throw b.refuse(operator, { code: 'reasonMatrices', args: {} });
  const [from, slopes, to] = [inputGrid(b, operator, 0), inputGrid(b, operator, 1), outputGrid(b, operator)];
  const isExact = is8Bit(from) && is8Bit(slopes) && is8Bit(to);
  const integers: Integers | undefined = isExact
    ? { kind: 'sloped', from, slopes, to }
    : to && { kind: 'rounded', to };
  const base = { inputs: [name], outputs: [b.fresh(operator)], origin: b.originOf(operator) };
  const node = { ...base, op: 'PRelu', slope: parameter, ...(integers && { integers }) } as const;
  b.put(operator, b.add(node), shape, layout);
}
