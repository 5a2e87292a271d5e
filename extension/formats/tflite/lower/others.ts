import type { TfliteOperator } from '../schema.ts';
import type { Builder } from './builder.ts';
import { fused } from './dense.ts';
import { inputGrid, is8Bit, outputGrid, throughGrid } from './integers.ts';

export function lowerSoftmax(op: 'Softmax' | 'LogSoftmax') {
  return (b: Builder, operator: TfliteOperator): void => {
    const { name, shape, layout } = b.value(operator, 0);
    const origin = b.originOf(operator);
    const beta = op === 'Softmax' ? (operator.options?.float32(0) ?? 1) : 1;
    const scaled =
      beta === 1 || beta === 0
        ? name
        : b.add({ op: 'Scale', inputs: [name], outputs: [b.fresh(operator)], origin, factor: beta });
    const [from, to] = [inputGrid(b, operator, 0), outputGrid(b, operator)];
    const scaledFrom = from && { ...from, scale: Math.fround(from.scale * (beta === 0 ? 1 : beta)) };
    const outputs = [b.fresh(operator)];
    const isExact = op === 'Softmax' && is8Bit(scaledFrom) && is8Bit(to);
    const source = isExact
      ? throughGrid(b, operator, scaled, { kind: 'softmax', from: scaledFrom, to })
      : scaled;
    const kind = isExact ? 'exponential' : 'rounded';
    const node = {
      op,
      inputs: [source],
      outputs,
      origin,
      axis: -1,
      ...(to && { integers: { kind, to } as const }),
    };
    b.put(operator, b.add(node), shape, layout);
  };
}

/** GATHER and EMBEDDING_LOOKUP: rows of a table by token ids. */
export function lowerGather(b: Builder, operator: TfliteOperator): void {
  const isGather = operator.code === 36;
  const [table, ids] = isGather ? [0, 1] : [1, 0];
  const tensor = b.tensor(operator, table);
  if (!tensor?.values || tensor.shape.length !== 2)
    throw b.refuse(operator, { code: 'reasonInputComputed', args: { input: String(table) } });
  const [axis, batchAxes] = isGather ? [0, 1].map((field) => operator.options?.int32(field) ?? 0) : [0, 0];
  if (axis !== 0 || batchAxes !== 0)
    throw b.refuse(operator, { code: 'reasonAttribute', args: { name: axis === 0 ? 'batch_dims' : 'axis' } });
  const x = b.value(operator, ids);
  const parameter = b.parameters.of(tensor);
  const outputs = [b.fresh(operator)];
  const origin = b.originOf(operator);
  const name = b.add({ op: 'Gather', inputs: [x.name], outputs, origin, table: parameter });
  b.put(operator, name, [...x.shape, parameter.shape[1]], x.layout);
}

/** CONCATENATION along an axis behind the batch. */
export function lowerConcatenation(b: Builder, operator: TfliteOperator): void {
  const values = operator.inputs.map((_, i) => b.batchFirst(operator, i));
  const rank = (values[0]?.shape.length ?? 0) + 1;
  const front = b.axisBehindBatch(operator, operator.options?.int32(0) ?? 0, rank);
  if (values.some(({ shape }) => shape.length !== rank - 1))
    throw b.refuse(operator, { code: 'reasonMatrices', args: {} });
  const inputs = values.map(({ name }) => name);
  const outputs = [b.fresh(operator)];
  const joined = b.add({ op: 'Concat', inputs, outputs, origin: b.originOf(operator), axis: front });
  const name = fused(b, operator, 1, joined);
  const lengths = values.map(({ shape }) => shape[front - 1]);
  const sum = lengths.every((n) => n !== null) ? lengths.reduce((all, n) => all + (n ?? 0), 0) : null;
  b.put(
    operator,
    name,
    values[0].shape.map((n, i) => (i === front - 1 ? sum : n)),
  );
}

/** PACK: values of one step behind each other, in front of the samples or behind them. */
export function lowerPack(b: Builder, operator: TfliteOperator): void {
  const values = operator.inputs.map((_, i) => b.batchFirst(operator, i));
  const axis = operator.options?.int32(1) ?? 0;
  const [{ shape }] = values;
  if ((axis !== 0 && axis !== 1) || values.some((value) => String(value.shape) !== String(shape)))
    throw b.refuse(operator, { code: 'reasonAttribute', args: { name: 'axis' } });
  const inputs = values.map((value) => b.reshaped(operator, value, [1, ...shape]).name);
  const outputs = [b.fresh(operator)];
  const name = b.add({ op: 'Concat', inputs, outputs, origin: b.originOf(operator), axis: 1 });
  b.put(operator, name, [values.length, ...shape], axis === 0 ? 'time' : 'batch');
}

/** MEAN and REDUCE_MAX over axes behind the batch. */
export function lowerReduce(by: 'Mean' | 'Max') {
  return (b: Builder, operator: TfliteOperator): void => {
    const x = b.batchFirst(operator, 0);
    const rank = x.shape.length + 1;
    const axes = b.integers(operator, 1).map((axis) => b.axisBehindBatch(operator, axis, rank));
    const keepAxes = operator.options?.bool(0) ?? false;
    const outputs = [b.fresh(operator)];
    const origin = b.originOf(operator);
    const [from, to] = [inputGrid(b, operator, 0), outputGrid(b, operator)];
    const integers = by === 'Mean' && is8Bit(from) && is8Bit(to) && ({ kind: 'mean', from, to } as const);
    const node = { op: 'Reduce', inputs: [x.name], outputs, origin, by, axes, keepAxes } as const;
    const name = b.add({ ...node, ...(integers && { integers }) });
    const shape = x.shape.flatMap((n, i) => (axes.includes(i + 1) ? (keepAxes ? [1] : []) : [n]));
    b.put(operator, name, shape);
  };
}

/** REVERSE_V2 of the steps. */
export function lowerReverse(b: Builder, operator: TfliteOperator): void {
  const x = b.value(operator, 0);
  const axes = b.integers(operator, 1);
  const steps = x.layout === 'time' ? 0 : 1;
  if (axes.length !== 1 || axes[0] !== steps || x.layout === 'rows')
    throw b.refuse(operator, { code: 'reasonMixesSamples', args: {} });
  const outputs = [b.fresh(operator)];
  const name = b.add({ op: 'Reverse', inputs: [x.name], outputs, origin: b.originOf(operator) });
  b.put(operator, name, x.shape, x.layout);
}
