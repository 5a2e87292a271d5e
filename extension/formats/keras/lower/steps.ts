import type { PoolNode, RowWindow } from '../../../model/windowNodes.ts';
import type { Lowering } from './lowering.ts';
import { channelsLast, isSteps, setting, stepCount, stepCounts, stepPair } from './options.ts';
import { unsupported } from './refusals.ts';
import { foundMask } from './takenMasks.ts';

/** GlobalAveragePooling1D takes the steps that count, but in TensorFlow.js; GlobalMaxPooling1D all, masked or not. */
export function globalPooling(op: 'ReduceMean' | 'ReduceMax'): Lowering {
  return (layer, [x], builder) => {
    const { keepdims } = layer.config;
    channelsLast(layer);
    const mask = op === 'ReduceMean' && !builder.version.tensorflowJs ? foundMask(x) : undefined;
    const name = builder.add({
      op,
      inputs: [x.name],
      outputs: [builder.fresh(layer)],
      origin: layer.path,
      ...(keepdims === true && { keepAxis: true }),
      ...(mask !== undefined && { mask }),
    });
    return { name };
  };
}

/** Over windows of steps, or of images, as far apart as they are long where the file says nothing else; masks are dropped. */
export function pooling(op: PoolNode['op'], axes: 1 | 2): Lowering {
  return (layer, [x], builder) => {
    const { padding = 'valid', strides } = layer.config;
    channelsLast(layer);
    if (padding !== 'valid' && padding !== 'same') throw unsupported(layer, setting('padding', padding));
    const sizes = stepCounts(layer, 'pool_size', axes, 2);
    const apart = strides === null || strides === undefined ? sizes : stepCounts(layer, 'strides', axes);
    const windows = sizes.map((size, axis): RowWindow => {
      const around = padding === 'same' ? 'same' : ([0, 0] as const);
      return { size, stride: apart[axis], padding: around, dilation: 1 };
    });
    const { size, stride, padding: around } = windows[axes - 1];
    const name = builder.add({
      ...builder.base(layer, x.name),
      op,
      size,
      stride,
      padding: around,
      ...(axes === 2 && { rows: windows[0] }),
    });
    return { name };
  };
}

/**
 * Of images [B,H,W,C], or at each step [B,n,H,W,C]; masks are dropped.
 * @param first the first of their axes
 */
export function poolImage(by: 'Mean' | 'Max', first: 1 | 2): Lowering {
  return (layer, [x], builder) => {
    channelsLast(layer);
    const keepAxes = layer.config.keepdims === true;
    const axes = [first, first + 1];
    return { name: builder.add({ ...builder.base(layer, x.name), op: 'Reduce', by, axes, keepAxes }) };
  };
}

/** Of each step of x [B,n,T,C] by itself. The mask, which says whether a step of the n counts, would be one of the T to Keras. */
export function poolStep(by: 'Mean' | 'Max'): Lowering {
  return (layer, [x], builder) => {
    channelsLast(layer);
    if (by === 'Mean' && x.mask !== undefined) throw unsupported(layer, { code: 'optionMasked', args: {} });
    const keepAxes = layer.config.keepdims === true;
    return { name: builder.add({ ...builder.base(layer, x.name), op: 'Reduce', by, axes: [2], keepAxes }) };
  };
}

/** Each step of x [B,n,…] by itself. */
export const flattenStep: Lowering = (layer, [x], builder) => {
  channelsLast(layer);
  return { name: builder.add({ ...builder.base(layer, x.name), op: 'Flatten', axis: 2 }) };
};

export const zeroPadding: Lowering = (layer, [x], builder) => {
  channelsLast(layer);
  const [before, after] = stepPair(layer, 'padding');
  const base = builder.base(layer, x.name);
  return { name: builder.add({ ...base, op: 'Pad', before, after }) };
};

/** Of images [B,H,W,C]: rows of 0, then columns, which are turned to where the rows are. */
export const zeroPadding2D: Lowering = (layer, [x], builder) => {
  const { padding: around } = layer.config;
  channelsLast(layer);
  if (!isPairs(around) || !around.flat().every(isSteps)) throw unsupported(layer, setting('padding', around));
  const pad = (from: string, [before, after]: readonly number[]) =>
    builder.add({ ...builder.base(layer, from), op: 'Pad', before, after });
  const turn = (from: string) =>
    builder.add({ ...builder.base(layer, from), op: 'Transpose', permutation: [0, 2, 1, 3] });
  const [rows, columns] = around;
  const padded = pad(x.name, rows);
  return { name: columns.every((n) => n === 0) ? padded : turn(pad(turn(padded), columns)) };
};

export const cropping: Lowering = (layer, [x], builder) => {
  const [before, after] = stepPair(layer, 'cropping');
  const base = builder.base(layer, x.name);
  return { name: builder.add({ ...base, op: 'Pad', before: -before, after: -after }) };
};

/** Of images [B,T,W,C], steps alone, as TensorFlow.js has no cropping of sequences. */
export const cropping2D: Lowering = (layer, [x], builder) => {
  const { cropping: around, data_format: format } = layer.config;
  const [[before, after], [left, right]] = isPairs(around) ? around : [[], []];
  const fits = [before, after].every(isSteps) && left === 0 && right === 0;
  if (!fits || (format ?? 'channels_last') !== 'channels_last')
    throw unsupported(layer, setting('cropping', around));
  const base = builder.base(layer, x.name);
  return { name: builder.add({ ...base, op: 'Pad', before: -before, after: -after }) };
};

export const upSampling: Lowering = (layer, [x], builder) => {
  const base = builder.base(layer, x.name);
  return { name: builder.add({ ...base, op: 'Upsample', factor: stepCount(layer, 'size', 2) }) };
};

export const repeatVector: Lowering = (layer, [x], builder) => {
  const outputs = [builder.fresh(layer)];
  return {
    name: builder.add({
      op: 'RepeatVector',
      inputs: [x.name],
      outputs,
      origin: layer.path,
      count: stepCount(layer, 'n'),
    }),
  };
};

// Keras drops the mask, as the steps may stand elsewhere.
export const permute: Lowering = (layer, [x], builder) => {
  const { dims } = layer.config;
  const fits = Array.isArray(dims) && dims.toSorted((a, b) => a - b).every((axis, i) => axis === i + 1);
  if (!fits) throw unsupported(layer, setting('dims', dims));
  const outputs = [builder.fresh(layer)];
  const permutation = [0, ...(dims as number[])];
  return {
    name: builder.add({ op: 'Transpose', inputs: [x.name], outputs, origin: layer.path, permutation }),
  };
};

function isPairs(value: unknown): value is readonly (readonly number[])[] {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((pair) => Array.isArray(pair) && pair.length === 2)
  );
}
