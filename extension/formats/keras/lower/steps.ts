import { type Lowering, unsupported } from './lowering.ts';
import { setting } from './options.ts';

/** GlobalAveragePooling1D takes the steps that count; GlobalMaxPooling1D all, masked or not. */
export function globalPooling(op: 'ReduceMean' | 'ReduceMax'): Lowering {
  return (layer, [x], builder) => {
    const { data_format: format, keepdims } = layer.config;
    if (format === 'channels_first') throw unsupported(layer, setting('data_format', format));
    const name = builder.add({
      op,
      inputs: [x.name],
      outputs: [builder.fresh(layer)],
      origin: layer.path,
      ...(keepdims === true && { keepAxis: true }),
      ...(op === 'ReduceMean' && x.mask !== undefined && { mask: x.mask }),
    });
    return { name };
  };
}

export const repeatVector: Lowering = (layer, [x], builder) => {
  const { n } = layer.config;
  if (!Number.isSafeInteger(n) || Number(n) < 1) throw unsupported(layer, setting('n', n));
  const outputs = [builder.fresh(layer)];
  return {
    name: builder.add({
      op: 'RepeatVector',
      inputs: [x.name],
      outputs,
      origin: layer.path,
      count: Number(n),
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
