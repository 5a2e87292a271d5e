import { wholeView } from '../../../model/gateView.ts';
import type { Activation, ValueName } from '../../../model/graph.ts';
import type { Grid, Integers } from '../../../model/integers.ts';
import { fusedActivation } from '../activations.ts';
import { isIntegerMatrix } from '../grid.ts';
import type { TfliteOperator, TfliteTensor } from '../schema.ts';
import type { Builder } from './builder.ts';
import { inputGrid, is8Bit, outputGrid } from './integers.ts';
import type { Lowered } from './value.ts';

/** FULLY_CONNECTED: weights [out, in]; axes in front of the last are joined into rows unless the option keeps them. */
export function lowerFullyConnected(b: Builder, operator: TfliteOperator): void {
  const x = b.value(operator, 0);
  const weights = b.tensor(operator, 1);
  if (!weights?.values) throw b.refuse(operator, { code: 'reasonInputComputed', args: { input: '1' } });
  const weight = b.parameters.of(weights);
  const [out, width] = weight.shape;
  // Other formats than the usual one have the weights in another order.
  if (weight.shape.length !== 2 || (operator.options?.uint8(1) ?? 0) !== 0)
    throw b.refuse(operator, { code: 'reasonAttribute', args: { name: 'weights_format' } });
  const biasTensor = b.tensor(operator, 2);
  const bias = biasTensor?.values && b.parameters.of(biasTensor);
  const flattens = x.shape.at(-1) !== width && x.layout === 'batch';
  // Fewer or more values than a row has would join samples.
  if (flattens && x.shape.reduce<number>((all, n) => all * (n ?? Number.NaN), 1) !== width)
    throw b.refuse(operator, { code: 'reasonMixesSamples', args: {} });
  const base = { origin: b.originOf(operator) };
  const source = flattens
    ? b.add({ ...base, op: 'Flatten', inputs: [x.name], outputs: [b.fresh(operator)] })
    : x.name;
  const integers = productIntegers(b, operator, weights, {
    axis: 0,
    activation: 0,
    hybrid: { kind: 'hybrid', asymmetric: operator.options?.bool(3) ?? false },
  });
  const product = b.add({
    ...base,
    op: 'MatMul',
    inputs: [source],
    outputs: [b.fresh(operator)],
    weight,
    transposed: true,
    ...(bias && { bias }),
    ...(integers && { integers }),
  });
  const name = fused(b, operator, 0, product);
  const shape = flattens ? [out] : [...x.shape.slice(0, -1), out];
  const keepsAxes = operator.options?.bool(2) === true || shape.length === 1;
  b.put(operator, name, shape, keepsAxes ? x.layout : 'rows');
}

interface ProductOptions {
  /** Of the weights, along which scales may differ. */
  readonly axis: number;
  /** Field of the fused activation. */
  readonly activation: number;
  /** How integers are multiplied with floats; absent where that is not known. */
  readonly hybrid: Integers | undefined;
  readonly twiceFrom?: number;
}

/** How integers are multiplied; undefined where weights are floats. */
export function productIntegers(
  b: Builder,
  operator: TfliteOperator,
  weights: TfliteTensor,
  { axis, activation, hybrid, twiceFrom }: ProductOptions,
): Integers | undefined {
  if (!isIntegerMatrix(weights)) return undefined;
  if (weights.scale.length > 1 && weights.axis !== axis)
    throw b.refuse(operator, { code: 'reasonAttribute', args: { name: 'quantized_dimension' } });
  const [from, to] = [inputGrid(b, operator, 0), outputGrid(b, operator)];
  if (!from && !to && hybrid) return hybrid;
  if (!is8Bit(from) || !is8Bit(to))
    throw b.refuse(operator, { code: 'reasonAttribute', args: { name: 'quantization' } });
  return {
    kind: 'product',
    from,
    to,
    ...bounds(operator, to, activation),
    ...(twiceFrom !== undefined && { twiceFrom }),
  };
}

/** Least and greatest integer that a fused activation leaves. */
function bounds(
  { options }: TfliteOperator,
  to: Grid,
  field = 0,
): { readonly least: number; readonly greatest: number } {
  const activation = fusedActivation(options?.uint8(field) ?? 0);
  const [low, high] =
    activation?.op === 'Relu'
      ? [0, Infinity]
      : activation?.op === 'Clip'
        ? [activation.alpha ?? -Infinity, activation.beta ?? Infinity]
        : [-Infinity, Infinity];
  const bound = (value: number) => to.zeroPoint + Math.round(Math.fround(value / to.scale));
  return { least: Math.max(to.least, bound(low)), greatest: Math.min(to.greatest, bound(high)) };
}

/** Applies the activation that an option names. */
export function fused(b: Builder, operator: TfliteOperator, field: number, x: ValueName): ValueName {
  const activation = fusedActivation(operator.options?.uint8(field) ?? 0);
  if (!activation)
    throw b.refuse(operator, { code: 'reasonAttribute', args: { name: 'fused_activation_function' } });
  const to = outputGrid(b, operator);
  return applied(b, operator, activation, x, to && { kind: 'rounded', to });
}

export function applied(
  b: Builder,
  operator: TfliteOperator,
  activation: Activation,
  x: ValueName,
  integers?: Integers,
): ValueName {
  if (activation.op === 'Identity') return x;
  return b.add({
    op: 'Activation',
    inputs: [x],
    outputs: [b.fresh(operator)],
    origin: b.originOf(operator),
    activation,
    ...(integers && { integers }),
  });
}

/** ADD, SUB, MUL and DIV of two values, or of a value and weights. */
export function lowerArithmetic(op: 'Add' | 'Sub' | 'Mul' | 'Div') {
  return (b: Builder, operator: TfliteOperator): void => {
    const { names, shape, layout } = matching(b, operator);
    const integers = mergeIntegers(b, operator, op);
    const outputs = [b.fresh(operator)];
    const origin = b.originOf(operator);
    const sum = b.add({ op, inputs: names, outputs, origin, ...(integers && { integers }) });
    b.put(operator, fused(b, operator, 0, sum), shape, layout);
  };
}

/** Both sides of an operator, weights among them, as values that lie alike, and what comes out. */
export function matching(
  b: Builder,
  operator: TfliteOperator,
): { readonly names: readonly ValueName[] } & Pick<Lowered, 'shape' | 'layout'> {
  const sides = [0, 1].map((input) => (b.isComputed(operator, input) ? b.value(operator, input) : undefined));
  const computed = sides.find((side) => side !== undefined);
  if (!computed) throw b.refuse(operator, { code: 'reasonInputConstant', args: { input: '0' } });
  const inputs = sides.map((side, i) => side ?? constant(b, operator, i, computed));
  const layouts = new Set(sides.flatMap((side) => (side ? [side.layout] : [])));
  // The file lines axes up at their ends, so that one axis less would put samples beside steps.
  const ranks = new Set(inputs.map((input) => input.shape.length));
  if (layouts.size > 1 || ranks.size > 1) throw b.refuse(operator, { code: 'reasonMixesSamples', args: {} });
  const [one, other] = inputs.map(({ shape: lengths }) => lengths);
  return {
    names: inputs.map(({ name }) => name),
    shape: one.map((n, i) => (n === 1 ? other[i] : n)),
    layout: computed.layout,
  };
}

/** Undefined where a side is floats; DIV has no kernel of integers. */
function mergeIntegers(
  b: Builder,
  operator: TfliteOperator,
  op: 'Add' | 'Sub' | 'Mul' | 'Div',
): Integers | undefined {
  const [one, other] = [inputGrid(b, operator, 0), inputGrid(b, operator, 1)];
  const to = outputGrid(b, operator);
  if (op === 'Div' || !is8Bit(one) || !is8Bit(other) || !is8Bit(to)) return to && { kind: 'rounded', to };
  return { kind: 'merge', from: [one, other], to, ...bounds(operator, to) };
}

/** Weights [width] or [1, …, width] beside a value. */
function constant(b: Builder, operator: TfliteOperator, input: number, beside: Lowered): Lowered {
  const tensor = b.tensor(operator, input);
  if (!tensor?.values)
    throw b.refuse(operator, { code: 'reasonInputComputed', args: { input: String(input) } });
  const long = tensor.shape.filter((n) => n !== 1);
  if (long.length > 1 || (long.length === 1 && tensor.shape.at(-1) !== long[0]))
    throw b.refuse(operator, { code: 'reasonMatrices', args: {} });
  const view = wholeView(b.parameters.of(tensor));
  const shape = [...beside.shape.slice(0, -1).map(() => 1), long[0] ?? 1];
  const outputs = [b.fresh(operator)];
  const name = b.add({
    op: 'Weight',
    inputs: [],
    outputs,
    origin: b.originOf(operator),
    view,
    shape: [1, ...shape],
  });
  return { name, shape, layout: beside.layout };
}
