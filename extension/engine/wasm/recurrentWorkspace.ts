import { cells, matrixBytes, taskBytes, writeTask } from './recurrentTask.ts';
import { runtime } from './runtime.ts';

/** An activation as the kernels number it. */
export interface KernelActivation {
  readonly kind: number;
  readonly alpha: number;
  readonly beta: number;
}

/** What a recurrent layer computes, but for its weights. */
export interface RecurrentShape {
  readonly cell: keyof typeof cells;
  readonly batch: number;
  readonly steps: number;
  readonly inputs: number;
  readonly units: number;
  readonly gate: KernelActivation;
  readonly activation: KernelActivation;
  readonly reverse: boolean;
  readonly zeroMaskedOutput: boolean;
  readonly masked: boolean;
  readonly inputDropout: boolean;
  readonly recurrentDropout: boolean;
  /** Everything is kept that the backward pass needs. */
  readonly saved: boolean;
  /** The outputs of all steps are kept. */
  readonly sequence: boolean;
  /** Samples in a panel. */
  readonly width: number;
}

const areaNames = [
  'task',
  'kernel',
  'recurrent',
  'candidate',
  'x',
  'h',
  'dropped',
  'dropout',
  'inputDropout',
  'gates',
  'c',
  'activated',
  'reset',
  'mask',
  'bias',
  'candidateBias',
] as const;
type AreaName = (typeof areaNames)[number];

/** Where everything of one call lies, in one block; 0 where there is none. Panels as kernels/recurrentTask.ts says. */
export interface Workspace extends Readonly<Record<AreaName, number>> {
  readonly shape: RecurrentShape;
  readonly panels: number;
  /** Rows of the gates of a step. */
  readonly gateRows: number;
  /** Slots of h in turn. */
  readonly slots: number;
}

/** Gates of a cell. */
export const gateCounts = { LSTM: 4, GRU: 3, resetAfter: 3, RNN: 1 } as const;

function floatsOf(shape: RecurrentShape): {
  floats: Record<AreaName, number>;
  panels: number;
  slots: number;
} {
  const { cell, batch, steps, inputs, units, width, saved } = shape;
  const panels = Math.ceil(batch / width);
  const slots = saved || shape.sequence ? steps + 1 : 2;
  const samples = panels * width;
  const kept = saved ? steps : 1;
  const state = units * samples;
  const lstm = cell === 'LSTM';
  const floats: Record<AreaName, number> = {
    task: taskBytes / 4,
    kernel: matrixBytes / 4,
    recurrent: matrixBytes / 4,
    candidate: matrixBytes / 4,
    x: steps * inputs * samples,
    h: slots * state,
    dropped: shape.recurrentDropout ? slots * state : 0,
    dropout: shape.recurrentDropout ? state : 0,
    inputDropout: shape.inputDropout ? inputs * samples : 0,
    // Tiles of four rows read beyond the last row.
    gates: kept * gateRowsOf(shape) * samples + 4 * width,
    c: lstm ? (saved ? steps + 1 : 1) * state : 0,
    activated: lstm && saved ? steps * state : 0,
    reset: cell === 'GRU' ? kept * state : 0,
    mask: shape.masked ? steps * samples : 0,
    bias: gateCounts[cell] * units + 4,
    candidateBias: cell === 'resetAfter' ? units + 4 : 0,
  };
  return { floats, panels, slots };
}

function gateRowsOf({ cell, units }: RecurrentShape): number {
  return (gateCounts[cell] + (cell === 'resetAfter' ? 1 : 0)) * units;
}

/** Every area begins at a cache line. */
function aligned(floats: number): number {
  return Math.ceil(floats / 16) * 64;
}

/** Bytes of the block that `workspaceAt` describes. */
export function workspaceBytes(shape: RecurrentShape): number {
  return areaNames.reduce((sum, name) => sum + aligned(floatsOf(shape).floats[name]), 0);
}

/** Divides a block, and writes what the kernels are to know of it. */
export function workspaceAt(shape: RecurrentShape, pointer: number): Workspace {
  const { floats, panels, slots } = floatsOf(shape);
  const areas = {} as Record<AreaName, number>;
  let at = pointer;
  for (const name of areaNames) {
    areas[name] = floats[name] === 0 ? 0 : at;
    at += aligned(floats[name]);
  }
  const gateRows = gateRowsOf(shape);
  const { gate, activation } = shape;
  writeTask(runtime().memory, areas.task, {
    cell: cells[shape.cell],
    steps: shape.steps,
    panels,
    width: shape.width,
    inputs: shape.inputs,
    units: shape.units,
    gateRows,
    gate: gate.kind,
    gateAlpha: gate.alpha,
    gateBeta: gate.beta,
    activation: activation.kind,
    activationAlpha: activation.alpha,
    activationBeta: activation.beta,
    saved: shape.saved ? 1 : 0,
    slots,
    x: areas.x,
    h: areas.h,
    dropped: areas.dropped || areas.h,
    dropout: areas.dropout,
    gates: areas.gates,
    c: areas.c,
    activated: areas.activated,
    reset: areas.reset,
    mask: areas.mask,
    bias: areas.bias,
    candidateBias: areas.candidateBias,
    kernel: areas.kernel,
    recurrent: areas.recurrent,
    candidate: areas.candidate,
    dy: 0,
    dh: 0,
    dc: 0,
    scratch: 0,
  });
  return { shape, panels, gateRows, slots, ...areas };
}
