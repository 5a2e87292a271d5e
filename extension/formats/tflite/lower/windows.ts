import type { GateView } from '../../../model/gateView.ts';
import type { StepWindow } from '../../../model/windowNodes.ts';
import { fusedActivation } from '../activations.ts';
import type { TfliteOperator } from '../schema.ts';
import type { Builder } from './builder.ts';
import { fused, productIntegers } from './dense.ts';
import { inputGrid, is8Bit } from './integers.ts';
import type { Lowered } from './value.ts';

/** How a window of an operator over two axes goes: its numbers along the first and along the second. */
interface Window {
  readonly size: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
}

/** The same along the one axis that it moves on. */
interface Steps extends StepWindow {
  /** [B,T,C]; [B,H,T,C] where every row is a sequence by itself. */
  readonly x: Lowered;
  readonly size: number;
  readonly dilation: number;
}

/**
 * CONV_2D and DEPTHWISE_CONV_2D, which convolutions over steps become with an axis of length 1. Kernels are [F, 1, K, C / groups] and
 * [1, 1, K, C · multiplier].
 */
export function lowerConvolution(b: Builder, operator: TfliteOperator): void {
  const isDepthwise = operator.code === 4;
  const kernel = b.tensor(operator, 1);
  if (!kernel?.values) throw b.refuse(operator, { code: 'reasonInputComputed', args: { input: '1' } });
  const weight = b.parameters.of(kernel);
  const [first, height, width, last] = weight.shape;
  if (weight.shape.length !== 4 || (isDepthwise && first !== 1))
    throw b.refuse(operator, { code: 'reasonMatrices', args: {} });
  const [activation, dilations] = isDepthwise ? [4, 5] : [3, 4];
  const dilation = (field: number) => operator.options?.int32(field, 1) ?? 1;
  const steps = stepsOf(b, operator, {
    size: [height, width],
    stride: strides(operator),
    dilation: [dilation(dilations + 1), dilation(dilations)],
  });
  const { x, size, ...how } = steps;
  const filters = isDepthwise ? last : first;
  const columns = isDepthwise ? 1 : last;
  const channels = x.shape.at(-1) ?? 0;
  const groups = channels / columns;
  if (!Number.isInteger(groups) || groups < 1 || filters % groups !== 0)
    throw b.refuse(operator, { code: 'reasonMatrices', args: {} });
  const taps = Array.from({ length: size }, (_, tap): GateView => {
    const strided = isDepthwise
      ? { offset: tap * filters, rowStride: 1, columnStride: 1 }
      : { offset: tap * columns, rowStride: size * columns, columnStride: 1 };
    return { parameter: weight, rows: filters, columns, ...strided };
  });
  const biasTensor = b.tensor(operator, 2);
  const bias = biasTensor?.values && b.parameters.of(biasTensor);
  const integers = productIntegers(b, operator, kernel, {
    axis: isDepthwise ? 3 : 0,
    activation,
    // Each sample is rounded over its own range, of all its steps together, and each filter by its own scale.
    hybrid: kernel.scale.length === filters ? { kind: 'hybrid', asymmetric: true } : undefined,
    // Depthwise, eight channels are computed at once as ruy would, what is left one by one as the kernels in groups do.
    ...((isDepthwise || groups > 1) && { twiceFrom: isDepthwise ? filters - (filters % 8) : 0 }),
  });
  const product = b.add({
    ...how,
    op: 'Conv',
    inputs: [x.name],
    outputs: [b.fresh(operator)],
    origin: b.originOf(operator),
    taps,
    ...(bias && { bias }),
    groups,
    spread: 1,
    ...(integers && { integers }),
  });
  putSteps(b, operator, fused(b, operator, activation, product), x, filters);
}

/** MAX_POOL_2D and AVERAGE_POOL_2D. */
export function lowerPool(op: 'MaxPool' | 'AveragePool') {
  return (b: Builder, operator: TfliteOperator): void => {
    const [width, height] = [3, 4].map((field) => operator.options?.int32(field) ?? 0);
    const window: Window = { size: [height, width], stride: strides(operator), dilation: [1, 1] };
    const { x, size, stride, padding } = stepsOf(b, operator, window);
    const grid = inputGrid(b, operator, 0);
    if (
      grid &&
      op === 'AveragePool' &&
      (!is8Bit(grid) || fusedActivation(operator.options?.uint8(5) ?? 0)?.op !== 'Identity')
    )
      throw b.refuse(operator, { code: 'reasonAttribute', args: { name: 'quantization' } });
    const pooled = b.add({
      op,
      inputs: [x.name],
      outputs: [b.fresh(operator)],
      origin: b.originOf(operator),
      size,
      stride,
      padding,
      ...(grid && op === 'AveragePool' && { integers: { kind: 'pooled', grid } }),
    });
    putSteps(b, operator, fused(b, operator, 5, pooled), x, x.shape.at(-1) ?? null);
  };
}

function strides({ options }: TfliteOperator): [number, number] {
  return [options?.int32(2) ?? 0, options?.int32(1) ?? 0];
}

/** The axis of x [B,H,W,C] that a window moves along. Throws where it moves along both. */
function stepsOf(b: Builder, operator: TfliteOperator, { size, stride, dilation }: Window): Steps {
  const x = b.batchFirst(operator, 0);
  const [height, width, channels] = x.shape;
  if (x.shape.length !== 3 || [...size, ...stride, ...dilation].some((n) => !(n >= 1)))
    throw b.refuse(operator, { code: 'reasonMatrices', args: {} });
  const padding = (operator.options?.uint8(0) ?? 0) === 0 ? ('same' as const) : ([0, 0] as const);
  const along = (axis: 0 | 1, value: Lowered): Steps => ({
    x: value,
    size: size[axis],
    stride: stride[axis],
    dilation: dilation[axis],
    padding,
  });
  if (height === 1 && size[0] === 1) return along(1, b.reshaped(operator, x, [width, channels]));
  if (width === 1 && size[1] === 1) return along(0, b.reshaped(operator, x, [height, channels]));
  if (size[0] === 1 && stride[0] === 1) return along(1, x);
  throw b.refuse(operator, { code: 'reasonTwoDimensions', args: {} });
}

/** Puts a value [B,T',F], or [B,H,T',F], out in the shape that the file has for it. */
function putSteps(
  b: Builder,
  operator: TfliteOperator,
  name: string,
  x: Lowered,
  width: number | null,
): void {
  const [, ...target] = (b.graph.tensors[operator.outputs[0] ?? -1]?.shape ?? []).map((n) =>
    n < 0 ? null : n,
  );
  if (target.length !== 3 || target[2] !== width)
    throw b.refuse(operator, { code: 'reasonMatrices', args: {} });
  const [height, steps] = target;
  if (x.shape.length === 3) {
    b.put(operator, name, target);
    return;
  }
  const value: Lowered = { name, shape: [height === 1 ? steps : height, width], layout: 'batch' };
  b.set(operator.outputs[0] ?? -1, b.reshaped(operator, value, target));
}
