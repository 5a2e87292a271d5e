import * as tf from '@tensorflow/tfjs-core';
import { type KernelCall, replaceKernel } from './replaceKernel.ts';
import { rowsOf, type Steps, stepsOf } from './rows.ts';

/** The values of x in the order of a loop over `axes`, as a new tensor of this shape. */
function arranged(
  { inputs: { x }, backend }: KernelCall,
  shape: readonly number[],
  { axes = shape, steps, offset = 0 }: { axes?: readonly number[]; steps: Steps; offset?: number },
): tf.TensorInfo {
  const { info } = backend.output(shape);
  const [out, from] = [info, x].map((tensor) => backend.floats(tensor));
  const rows = rowsOf(axes, [stepsOf(axes), steps]);
  const { length } = rows;
  const step = rows.steps[1];
  rows.each(([o, start]) => {
    const i = offset + start;
    if (step === 1 && length > 16) out.set(from.subarray(i, i + length), o);
    else for (let k = 0; k < length; k++) out[o + k] = from[i + k * step];
  });
  return info;
}

function part(call: KernelCall, begin: readonly number[], size: readonly number[]): tf.TensorInfo {
  const steps = stepsOf(call.inputs.x.shape);
  const offset = begin.reduce((sum, n, axis) => sum + n * steps[axis], 0);
  return arranged(call, size, { steps, offset });
}

function slice(call: KernelCall): tf.TensorInfo {
  const { begin, size } = call.attributes as { begin: number[]; size: number[] };
  const { x } = call.inputs;
  const [from, lengths] = tf.slice_util.parseSliceParams(x as tf.Tensor, begin, size);
  tf.slice_util.assertParamsValid(x as tf.Tensor, from, lengths);
  return part(call, from, lengths);
}

function split(call: KernelCall): tf.TensorInfo[] {
  const { numOrSizeSplits, axis } = call.attributes as { numOrSizeSplits: number | number[]; axis: number };
  const { shape } = call.inputs.x;
  const [along] = tf.util.parseAxisParam(axis, shape);
  const sizes = tf.backend_util.prepareSplitSize(call.inputs.x as tf.Tensor, numOrSizeSplits, along);
  const at = (values: readonly number[], n: number) => values.map((value, i) => (i === along ? n : value));
  let begin = 0;
  return sizes.map((size) => {
    const piece = part(
      call,
      at(
        shape.map(() => 0),
        begin,
      ),
      at(shape, size),
    );
    begin += size;
    return piece;
  });
}

/** Every axis is repeated as a whole: one more axis in front of it, along which x does not move. */
function tile(call: KernelCall): tf.TensorInfo {
  const { reps } = call.attributes as { reps: number[] };
  const { shape } = call.inputs.x;
  const steps = stepsOf(shape);
  return arranged(
    call,
    shape.map((n, i) => n * reps[i]),
    { axes: shape.flatMap((n, i) => [reps[i], n]), steps: steps.flatMap((step) => [0, step]) },
  );
}

function transpose(call: KernelCall): tf.TensorInfo {
  const { perm } = call.attributes as { perm: number[] };
  const { shape } = call.inputs.x;
  const steps = stepsOf(shape);
  return arranged(
    call,
    perm.map((axis) => shape[axis]),
    { steps: perm.map((axis) => steps[axis]) },
  );
}

/** What only moves values, in runs: TensorFlow.js' own works out every value's place anew. */
export function registerArrangement(): void {
  replaceKernel('Slice', slice);
  replaceKernel('SplitV', split);
  replaceKernel('Tile', tile);
  replaceKernel('Transpose', transpose);
}
