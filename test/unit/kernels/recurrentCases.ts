import {
  type RecurrentGradients,
  type RecurrentOutputs,
  type RecurrentProblem,
  recurrentGradients,
} from '../../../extension/engine/reference/recurrent.ts';
import { type CellKind, scalarActivation } from '../../../extension/engine/reference/recurrentCells.ts';
import { kernelActivation } from '../../../extension/engine/wasm/recurrentActivation.ts';
import { backwardPass, inputGradient } from '../../../extension/engine/wasm/recurrentBackwardPass.ts';
import {
  forwardPass,
  readFinal,
  readFinalCell,
  readLast,
  readSequence,
} from '../../../extension/engine/wasm/recurrentForwardPass.ts';
import type { RecurrentMatrix } from '../../../extension/engine/wasm/recurrentMatrix.ts';
import { panelWidth } from '../../../extension/engine/wasm/recurrentWidth.ts';
import {
  gateCounts,
  type RecurrentShape,
  workspaceAt,
  workspaceBytes,
} from '../../../extension/engine/wasm/recurrentWorkspace.ts';
import type { Runtime } from '../../../extension/engine/wasm/runtime.ts';
import { SparseStructure } from '../../../extension/engine/wasm/sparseStructure.ts';
import type { Activation } from '../../../extension/model/graph.ts';
import { seeded } from '../../support/random.ts';

/** One line of the table; what is left out is as in the first. */
export interface Case {
  readonly kind: CellKind;
  readonly batch: number;
  readonly steps: number;
  readonly inputs: number;
  readonly units: number;
  readonly gate: Activation;
  readonly activation: Activation;
  readonly reverse: boolean;
  readonly masked: boolean;
  readonly zeroMaskedOutput: boolean;
  readonly initial: boolean;
  readonly dropout: boolean;
  readonly recurrentDropout: boolean;
  readonly biases: 0 | 1 | 2;
  /** Share of the kept weights of the kernel and the recurrent matrix; undefined: dense. */
  readonly densities: readonly [number | undefined, number | undefined];
  /** Without what the backward pass needs. */
  readonly forwardOnly: boolean;
}

export const plainCase: Case = {
  kind: 'LSTM',
  batch: 5,
  steps: 4,
  inputs: 6,
  units: 7,
  gate: { op: 'Sigmoid' },
  activation: { op: 'Tanh' },
  reverse: false,
  masked: false,
  zeroMaskedOutput: false,
  initial: false,
  dropout: false,
  recurrentDropout: false,
  biases: 1,
  densities: [undefined, undefined],
  forwardOnly: false,
};

/** All tensors of a case, in float32. */
export interface CaseData {
  readonly problem: RecurrentProblem;
  readonly upstream: Partial<RecurrentOutputs>;
  readonly kept: readonly [Uint8Array | undefined, Uint8Array | undefined];
}

export function dataOf(test: Case): CaseData {
  const { kind, batch, steps, inputs, units, masked, biases } = test;
  const next = seeded(batch + 10 * steps + 100 * inputs + 1000 * units);
  const rows = gateCounts[kind] * units;
  const random = (count: number, scale = 1) =>
    Float32Array.from({ length: count }, () => scale * (2 * next() - 1));
  const factors = (count: number) => Float32Array.from({ length: count }, () => (next() < 0.4 ? 0 : 1 / 0.6));
  const kept = ([inputs, units] as const).map((columns, i) => {
    const density = test.densities[i];
    if (density === undefined) return undefined;
    return Uint8Array.from({ length: rows * columns }, () => (next() < density ? 1 : 0));
  });
  const weights = (columns: number, mask: Uint8Array | undefined) => {
    const values = random(rows * columns, 1 / Math.sqrt(Math.max(1, columns)));
    // A kept weight may be 0.
    if (mask)
      mask.forEach((keep, i) => {
        if (!keep || i % 17 === 3) values[i] = 0;
      });
    return values;
  };
  const x = random(batch * steps * inputs);
  const mask = Float32Array.from({ length: batch * steps }, () => (next() < 0.6 ? 1 : 0));
  // What stands at masked steps is of no account.
  if (masked)
    mask.forEach((real, i) => {
      if (!real) x.fill(Number.NaN, i * inputs, (i + 1) * inputs);
    });
  const gate = scalarActivation(test.gate.op, test.gate.alpha, test.gate.beta);
  const activation = scalarActivation(test.activation.op, test.activation.alpha, test.activation.beta);
  if (!gate || !activation) throw new Error('the kernels have no such activation');
  const problem: RecurrentProblem = {
    kind,
    gate,
    activation,
    batch,
    steps,
    inputs,
    units,
    reverse: test.reverse,
    zeroMaskedOutput: test.zeroMaskedOutput,
    x,
    kernel: weights(inputs, kept[0]),
    recurrent: weights(units, kept[1]),
    ...(test.initial && { h: random(batch * units), c: random(batch * units) }),
    ...(masked && { mask }),
    ...(test.dropout && { dropout: factors(batch * inputs) }),
    ...(test.recurrentDropout && { recurrentDropout: factors(batch * units) }),
    ...(biases > 0 && { inputBias: random(rows) }),
    ...(biases > 1 && { recurrentBias: random(rows) }),
  };
  const upstream: Partial<RecurrentOutputs> = {
    sequence: Float64Array.from(random(batch * steps * units)),
    last: Float64Array.from(random(batch * units)),
    final: Float64Array.from(random(batch * units)),
    ...(kind === 'LSTM' && { finalCell: Float64Array.from(random(batch * units)) }),
  };
  return { problem, upstream, kept: [kept[0], kept[1]] };
}

type Found = Partial<Record<string, Float32Array>>;

/** Outputs and gradients as the kernels compute them; nothing stays allocated. */
export function computeByKernels(test: Case, data: CaseData, { memory, pool }: Runtime): Found {
  const { kind, batch, steps, inputs, units } = test;
  const { problem, upstream, kept } = data;
  const before = memory.liveBlocks;
  const blocks: number[] = [];
  const allocate = (length: number) => {
    const pointer = memory.allocate(4 * length);
    // Whatever was there before must not matter.
    memory.floats(pointer, length).fill(Number.NaN);
    blocks.push(pointer);
    return pointer;
  };
  const put = (values: ArrayLike<number> | undefined) => {
    if (!values) return 0;
    const pointer = allocate(values.length);
    memory.floats(pointer, values.length).set(values);
    return pointer;
  };
  const rows = gateCounts[kind] * units;
  const structures: SparseStructure[] = [];
  const matrix = (
    values: ArrayLike<number>,
    columns: number,
    mask: Uint8Array | undefined,
  ): RecurrentMatrix => {
    if (!mask) return { rows, columns, values: put(values), structure: undefined };
    const structure = new SparseStructure(rows, columns, mask, memory);
    structures.push(structure);
    const pointer = allocate(structure.nonzero);
    structure.compress(values as Float32Array, memory.floats(pointer, structure.nonzero));
    return { rows, columns, values: pointer, structure };
  };
  const kernel = matrix(problem.kernel, inputs, kept[0]);
  const recurrent = matrix(problem.recurrent, units, kept[1]);
  const shape: RecurrentShape = {
    cell: kind,
    batch,
    steps,
    inputs,
    units,
    gate: kernelActivation(test.gate)!,
    activation: kernelActivation(test.activation)!,
    reverse: test.reverse,
    zeroMaskedOutput: test.zeroMaskedOutput,
    masked: test.masked,
    inputDropout: test.dropout,
    recurrentDropout: test.recurrentDropout,
    saved: !test.forwardOnly,
    sequence: true,
    width: panelWidth(
      batch,
      units,
      pool.threads,
      kernel.structure !== undefined && recurrent.structure !== undefined,
    ),
  };
  const bytes = workspaceBytes(shape);
  const workspace = workspaceAt(shape, allocate(bytes / 4));
  const weights = {
    kernel,
    recurrent,
    inputBias: put(problem.inputBias),
    recurrentBias: put(problem.recurrentBias),
  };
  forwardPass(workspace, weights, {
    x: put(problem.x),
    h: put(problem.h),
    c: put(problem.c),
    mask: put(problem.mask),
    dropout: put(problem.dropout),
    recurrentDropout: put(problem.recurrentDropout),
  });
  const found: Record<string, Float32Array> = {};
  const output = (name: string, length: number, write: (to: number) => void) => {
    const to = allocate(length);
    write(to);
    found[name] = memory.floats(to, length).slice();
  };
  const state = batch * units;
  output('sequence', steps * state, (to) => readSequence(workspace, to));
  output('last', state, (to) => readLast(workspace, to));
  output('final', state, (to) => readFinal(workspace, to));
  if (kind === 'LSTM') output('finalCell', state, (to) => readFinalCell(workspace, to));
  if (!test.forwardOnly) {
    const kernelSize = kernel.structure?.nonzero ?? rows * inputs;
    const recurrentSize = recurrent.structure?.nonzero ?? rows * units;
    const to = {
      kernel: allocate(kernelSize),
      recurrent: allocate(recurrentSize),
      inputBias: allocate(rows),
      recurrentBias: allocate(rows),
      h: allocate(state),
      c: kind === 'LSTM' ? allocate(state) : 0,
    };
    backwardPass(
      workspace,
      weights,
      {
        sequence: put(upstream.sequence),
        last: put(upstream.last),
        final: put(upstream.final),
        finalCell: put(upstream.finalCell),
      },
      to,
    );
    const expand = (values: Float32Array, { structure }: RecurrentMatrix) =>
      structure?.expand(values) ?? values.slice();
    found.dKernel = expand(memory.floats(to.kernel, kernelSize), kernel);
    found.dRecurrent = expand(memory.floats(to.recurrent, recurrentSize), recurrent);
    found.dInputBias = memory.floats(to.inputBias, rows).slice();
    found.dRecurrentBias = memory.floats(to.recurrentBias, rows).slice();
    found.dh = memory.floats(to.h, state).slice();
    if (to.c) found.dc = memory.floats(to.c, state).slice();
    output('dx', batch * steps * inputs, (pointer) => inputGradient(workspace, weights, pointer));
  }
  for (const pointer of blocks) memory.free(pointer);
  for (const structure of structures) structure.dispose();
  if (memory.liveBlocks !== before) throw new Error('memory was not given back');
  return found;
}

/** The same by the reference; gradients of weights that are not kept are 0. */
export function computeByReference(
  test: Case,
  { problem, upstream, kept }: CaseData,
  outputs: RecurrentOutputs,
): Record<string, Float64Array> {
  const expected: Record<string, Float64Array> = {
    sequence: outputs.sequence,
    last: outputs.last,
    final: outputs.final,
  };
  if (test.kind === 'LSTM') expected.finalCell = outputs.finalCell;
  if (test.forwardOnly) return expected;
  const gradients: RecurrentGradients = recurrentGradients(problem, upstream);
  const masked = (values: Float64Array, mask: Uint8Array | undefined) =>
    mask ? values.map((value, i) => (mask[i] ? value : 0)) : values;
  expected.dKernel = masked(gradients.kernel, kept[0]);
  expected.dRecurrent = masked(gradients.recurrent, kept[1]);
  expected.dInputBias = gradients.inputBias;
  expected.dRecurrentBias = gradients.recurrentBias;
  expected.dh = gradients.h;
  if (test.kind === 'LSTM') expected.dc = gradients.c;
  expected.dx = gradients.x;
  return expected;
}
