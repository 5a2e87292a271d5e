import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import {
  concat,
  matMul,
  reshape,
  reverse,
  rows,
  split,
  sumRows,
  transpose,
  unpack,
  zeros,
} from './arrays.ts';
import type { NativeBackend } from './native.ts';
import { type Id, Operations } from './operations.ts';

/*
 * LSTM by TensorFlow's BlockLSTMV2 (the whole layer in one operation, gates i, f, c, o) and, backward, LSTMBlockCellGrad
 * step by step with one large product for all steps' weights: BlockLSTMGradV2 adds to the weights' gradient in every step
 * and is half as fast. Weights as `recurrentWeights` gives them: kernel [4H,I], recurrent [4H,H].
 */

export interface LstmInputs {
  /** [B,T,I] */
  readonly x: TensorInfo;
  readonly kernel: TensorInfo;
  readonly recurrent: TensorInfo;
  /** [4H] */
  readonly bias: TensorInfo;
  /** [B,H] */
  readonly h0: TensorInfo;
  readonly c0: TensorInfo;
}

/** What the backward pass needs of the forward pass; time first, in the order in which the layer went through it. */
export interface LstmTrace {
  /** [T,B,I] */
  readonly xs: Tensor;
  /** Gates, cell states, tanh of candidate and of cell state, outputs: i, cs, f, o, ci, co, h; each [T,B,H]. */
  readonly states: readonly Tensor[];
}

export interface Sizes {
  readonly batch: number;
  readonly length: number;
  readonly inputSize: number;
  readonly hiddenSize: number;
}

/** All steps. T and B at least 1. */
export function lstmForward(
  backend: NativeBackend,
  inputs: LstmInputs,
  sizes: Sizes,
  reversed: boolean,
): LstmTrace {
  const { length, hiddenSize } = sizes;
  return Operations.scope(backend, (ops) => {
    const xs = timeFirst(ops, ops.of(inputs.x), reversed);
    const both = concat(ops, [ops.of(inputs.kernel), ops.of(inputs.recurrent)], 1);
    const weights = transpose(ops, both, [1, 0]);
    const peephole = zeros(ops, [hiddenSize]);
    const states = ops.runAll(
      'BlockLSTMV2',
      [
        ops.long(length),
        xs,
        ops.of(inputs.c0),
        ops.of(inputs.h0),
        weights,
        peephole,
        peephole,
        peephole,
        ops.of(inputs.bias),
      ],
      7,
      ops.float(ops.real('cell_clip', 0), ops.flag('use_peephole', false)),
    );
    return { xs: ops.take(xs), states: states.map((state) => ops.take(state)) };
  });
}

/** Gradients with respect to what `lstmForward` put out: of all h [T,B,H], of the last h and of the last c [B,H]. */
export interface LstmOutputGradients {
  readonly h: TensorInfo | undefined;
  readonly lastH: TensorInfo | undefined;
  readonly lastC: TensorInfo | undefined;
}

export interface LstmGradients {
  /** To the gates before their activations, i, c, f, o: [T·B,4H]. */
  readonly gates: Tensor;
  /** Rows of the kernel in the same order [4H,I]. */
  readonly kernelRows: Tensor;
  readonly kernel: Tensor;
  readonly recurrent: Tensor;
  readonly bias: Tensor;
  readonly h0: Tensor;
  readonly c0: Tensor;
}

export function lstmBackward(
  backend: NativeBackend,
  inputs: Omit<LstmInputs, 'x'>,
  { xs, states }: LstmTrace,
  sizes: Sizes,
  gradients: LstmOutputGradients,
): LstmGradients {
  const { batch, length, inputSize, hiddenSize } = sizes;
  return Operations.scope(backend, (ops) => {
    const c0 = ops.of(inputs.c0);
    const h0 = ops.of(inputs.h0);
    const outer = gradients.h && unpack(ops, ops.of(gradients.h), length);
    const steps = states.slice(0, 6).map((state) => unpack(ops, ops.of(state), length));
    const cells = steps[1];
    const recurrentRows = swapGates(ops, ops.of(inputs.recurrent));
    // The operation takes these for their shapes alone.
    const empty = zeros(ops, [batch, 0]);
    const shapeOnly = reshape(ops, ops.of(inputs.recurrent), [hiddenSize, 4 * hiddenSize]);
    const peephole = zeros(ops, [hiddenSize]);
    const bias = ops.of(inputs.bias);
    const attributes = ops.float(ops.flag('use_peephole', false));
    let dh = gradients.lastH && ops.of(gradients.lastH);
    let dc = gradients.lastC ? ops.of(gradients.lastC) : zeros(ops, [batch, hiddenSize]);
    const gates: Id[] = [];
    for (let t = length - 1; t >= 0; t--) {
      const own = outer?.[t];
      if (own !== undefined) dh = dh === undefined ? own : ops.run('AddV2', [dh, own]);
      const [dcBefore, gate, ...unused] = ops.runAll(
        'LSTMBlockCellGrad',
        [
          ...[empty, t === 0 ? c0 : cells[t - 1], h0, shapeOnly, peephole, peephole, peephole, bias],
          ...steps.map((step) => step[t]),
          ...[dc, dh ?? zeros(ops, [batch, hiddenSize])],
        ],
        5,
        attributes,
      );
      ops.free(...unused);
      gates[t] = gate;
      dc = dcBefore;
      dh = matMul(ops, gate, recurrentRows);
    }
    const all = concat(ops, gates, 0);
    const before = concat(ops, [h0, ...(length > 1 ? [hiddenBefore(ops, ops.of(states[6]), sizes)] : [])], 0);
    const kernelRows = swapGates(ops, ops.of(inputs.kernel));
    return {
      kernel: ops.take(weightGradient(ops, reshape(ops, ops.of(xs), [length * batch, inputSize]), all)),
      recurrent: ops.take(weightGradient(ops, before, all)),
      bias: ops.take(swapGates(ops, sumRows(ops, all))),
      h0: ops.take(dh as Id),
      c0: ops.take(dc),
      gates: ops.take(all),
      kernelRows: ops.take(kernelRows),
    };
  });
}

/** The gradient to x [B,T,I]; apart, since nobody asks for that of a model's input. */
export function lstmInputGradient(
  backend: NativeBackend,
  { gates, kernelRows }: LstmGradients,
  { batch, length, inputSize }: Sizes,
  reversed: boolean,
): Tensor {
  return Operations.scope(backend, (ops) => {
    const product = matMul(ops, ops.of(gates), ops.of(kernelRows));
    const steps = reshape(ops, product, [length, batch, inputSize]);
    return ops.take(batchFirst(ops, steps, reversed));
  });
}

/** x [B,T,…] as [T,B,…], backwards where the layer runs so. */
export function timeFirst(ops: Operations, x: Id, reversed: boolean): Id {
  const steps = transpose(ops, x, [1, 0, 2]);
  return reversed ? reverse(ops, steps) : steps;
}

/** The inverse of `timeFirst`. */
export function batchFirst(ops: Operations, steps: Id, reversed: boolean): Id {
  return transpose(ops, reversed ? reverse(ops, steps) : steps, [1, 0, 2]);
}

/** All outputs but the last: [(T−1)·B,H]. */
function hiddenBefore(ops: Operations, h: Id, { batch, length, hiddenSize }: Sizes): Id {
  return reshape(ops, rows(ops, h, 3, 0, length - 1), [(length - 1) * batch, hiddenSize]);
}

/**
 * Gradient of a weight [4H,in] from what it was multiplied with [T·B,in] and the gates' gradients [T·B,4H]. The narrow one
 * comes first: TensorFlow takes up to twice as long for the product of the other two, which would need no transpose.
 */
function weightGradient(ops: Operations, operand: Id, gates: Id): Id {
  return swapGates(ops, transpose(ops, matMul(ops, operand, gates, true), [1, 0]));
}

/** The four gates of a weight or bias, i, f, c, o, as LSTMBlockCellGrad has them: i, c, f, o; or back. */
function swapGates(ops: Operations, weight: Id): Id {
  const [i, second, third, o] = split(ops, weight, 4);
  return concat(ops, [i, third, second, o], 0);
}
