import type { TfliteOperator } from '../schema.ts';
import type { Builder } from './builder.ts';

/** RESHAPE, SQUEEZE and EXPAND_DIMS: by the shape that the file gives the result. */
export function lowerReshape(b: Builder, operator: TfliteOperator): void {
  const x = b.value(operator, 0);
  const target = b.graph.tensors[operator.outputs[0] ?? -1]?.shape ?? [];
  const [batch, ...rest] = target;
  const source = b.tensor(operator, 0)?.shape ?? [];
  // Of one sample an axis of length 1 tells where the batch is: converters turn axes so.
  const swapsSteps =
    x.layout !== 'rows' &&
    source[x.layout === 'time' ? 1 : 0] === 1 &&
    source[0] !== source[1] &&
    String([source[1], source[0], ...source.slice(2)]) === String(target);
  if (swapsSteps) {
    b.put(operator, x.name, x.shape, x.layout === 'time' ? 'batch' : 'time');
    return;
  }
  if (x.layout === 'time') throw b.refuse(operator, { code: 'reasonReshape', args: {} });
  // Steps of one sample, or of all, as rows.
  const [samples, steps, ...behind] = source;
  if (
    x.layout === 'batch' &&
    behind.length === 1 &&
    String([samples * steps, ...behind]) === String(target)
  ) {
    b.put(operator, x.name, x.shape, 'rows');
    return;
  }
  if (x.layout === 'rows') {
    const joined = [...x.shape.slice(0, -1), rest.at(-1) ?? null];
    const fits =
      rest.length === x.shape.length &&
      rest.every((n, i) => n === -1 || n === joined[i] || joined[i] === null);
    if (!fits) throw b.refuse(operator, { code: 'reasonReshape', args: {} });
    b.put(operator, x.name, x.shape);
    return;
  }
  // The batch may be fixed to 1; any other length must be that of the input's.
  if (batch !== source[0] && batch !== -1) throw b.refuse(operator, { code: 'reasonReshape', args: {} });
  if (rest.filter((n) => n === -1).length > 1) throw b.refuse(operator, { code: 'reasonAxesFree', args: {} });
  const shape = rest.map((n) => (n === -1 ? null : n));
  b.set(operator.outputs[0] ?? -1, b.reshaped(operator, x, shape));
}

/** PAD with zeros before and behind the steps. */
export function lowerPad(b: Builder, operator: TfliteOperator): void {
  const x = b.batchFirst(operator, 0);
  const ends = b.integers(operator, 1);
  const [before, after] = ends.slice(2, 4);
  const others = ends.toSpliced(2, 2);
  if (ends.length !== 2 * (x.shape.length + 1) || others.some((n) => n !== 0) || before < 0 || after < 0)
    throw b.refuse(operator, { code: 'reasonAttribute', args: { name: 'paddings' } });
  const origin = b.originOf(operator);
  const name = b.add({ op: 'Pad', inputs: [x.name], outputs: [b.fresh(operator)], origin, before, after });
  const [steps, ...behind] = x.shape;
  b.put(operator, name, [steps === null ? null : steps + before + after, ...behind]);
}

/** TRANSPOSE: of steps and batch it is our own order that changes; behind the batch a Transpose. */
export function lowerTranspose(b: Builder, operator: TfliteOperator): void {
  const x = b.value(operator, 0);
  const permutation = b.integers(operator, 1);
  const isOrder = permutation.toSorted((a, c) => a - c).every((p, i) => p === i);
  if (permutation.length !== x.shape.length + 1 || !isOrder || x.layout === 'rows')
    throw b.refuse(operator, { code: 'reasonMixesSamples', args: {} });
  const swapsSteps =
    permutation[0] === 1 && permutation[1] === 0 && permutation.slice(2).every((p, i) => p === i + 2);
  if (swapsSteps) {
    b.put(operator, x.name, x.shape, x.layout === 'time' ? 'batch' : 'time');
    return;
  }
  if (permutation[0] !== 0 || x.layout !== 'batch')
    throw b.refuse(operator, { code: 'reasonMixesSamples', args: {} });
  const name = b.add({
    op: 'Transpose',
    inputs: [x.name],
    outputs: [b.fresh(operator)],
    origin: b.originOf(operator),
    permutation,
  });
  b.put(
    operator,
    name,
    permutation.slice(1).map((p) => x.shape[p - 1]),
  );
}

/** STRIDED_SLICE with one place or one stretch of one axis behind the batch. */
export function lowerStridedSlice(b: Builder, operator: TfliteOperator): void {
  const x = b.value(operator, 0);
  if (x.layout === 'rows') throw b.refuse(operator, { code: 'reasonMixesSamples', args: {} });
  const [begin, end, strides] = [1, 2, 3].map((input) => b.integers(operator, input));
  const fits = [begin, end].every(({ length }) => length === strides.length);
  if (!fits || strides.length > x.shape.length + 1)
    throw b.refuse(operator, { code: 'reasonAttribute', args: { name: 'strides' } });
  const mask = (field: number) => operator.options?.int32(field) ?? 0;
  const [beginMask, endMask, ellipsis, newAxis, shrink] = [0, 1, 2, 3, 4].map(mask);
  if (ellipsis !== 0 || newAxis !== 0)
    throw b.refuse(operator, { code: 'reasonAttribute', args: { name: 'ellipsis_mask' } });
  let name = x.name;
  const shape = [...x.shape];
  const gone: number[] = [];
  for (const [axis, step] of strides.entries()) {
    const bit = 1 << axis;
    const whole = (beginMask & bit) !== 0 && (endMask & bit) !== 0 && step === 1 && (shrink & bit) === 0;
    if (whole) continue;
    // With steps in front, the file's axes 0 and 1 are ours the other way round.
    const own = x.layout === 'time' && axis < 2 ? 1 - axis : axis;
    if (own === 0) {
      const all = begin[axis] === 0 && step === 1 && end[axis] === b.tensor(operator, 0)?.shape[axis];
      if (all && (shrink & bit) === 0) continue;
      throw b.refuse(operator, { code: 'reasonMixesSamples', args: {} });
    }
    const base = { inputs: [name], outputs: [b.fresh(operator)], origin: b.originOf(operator) };
    if ((shrink & bit) !== 0) {
      const at = own - gone.filter((before) => before < own).length;
      name = b.add({ ...base, op: 'Select', axis: at, index: begin[axis] });
      gone.push(own);
      continue;
    }
    if (gone.length > 0 || step < 1)
      throw b.refuse(operator, { code: 'reasonAttribute', args: { name: 'strides' } });
    const stretch = {
      begin: (beginMask & bit) === 0 ? begin[axis] : 0,
      ...((endMask & bit) === 0 && { end: end[axis] }),
    };
    name = b.add({ ...base, op: 'Slice', axis: own, step, ...stretch });
    shape[own - 1] = null;
  }
  const left = shape.filter((_, i) => !gone.includes(i + 1));
  b.put(operator, name, left, gone.includes(1) ? 'batch' : x.layout);
}
