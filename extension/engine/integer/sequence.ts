import type { RecurrentNode } from '../../model/graph.ts';
import { outputSize } from '../../model/recurrentLayer.ts';
import type { Values } from './values.ts';

/** What a step leaves: output [P], cell state [H] and what the units put out [H]. */
export interface StepState<Row> {
  readonly output: Row;
  readonly cell: Row;
  readonly hidden: Row;
}

/** A row of values as what the steps compute with, and back. */
export interface Codec<Row> {
  readonly input: (x: Float32Array) => Row;
  readonly first: () => StepState<Row>;
  readonly output: (row: Row) => Float32Array;
  readonly cell: (row: Row) => Float32Array;
  readonly hidden: (row: Row) => Float32Array;
}

/**
 * Applies steps to every sample of x [B,T,I].
 * @returns the node's outputs in its order: sequence [B,T,P], last and final output [B,P], final cell [B,H], hidden outputs [B,T,H]
 */
export function overSequences<Row>(
  { layer, reverse }: RecurrentNode,
  { data, shape }: Values,
  step: (x: Row, state: StepState<Row>) => StepState<Row>,
  codec: Codec<Row>,
): Values[] {
  const [batch, steps, width] = shape;
  const [outputs, units] = [outputSize(layer), layer.hiddenSize];
  const sequence = new Float32Array(batch * steps * outputs);
  const hidden = new Float32Array(batch * steps * units);
  const last = new Float32Array(batch * outputs);
  const cell = new Float32Array(batch * units);
  for (let b = 0; b < batch; b++) {
    let state = codec.first();
    for (let n = 0; n < steps; n++) {
      const row = b * steps + (reverse ? steps - 1 - n : n);
      state = step(codec.input(data.subarray(row * width, (row + 1) * width)), state);
      sequence.set(codec.output(state.output), row * outputs);
      if (layer.projection) hidden.set(codec.hidden(state.hidden), row * units);
    }
    last.set(codec.output(state.output), b * outputs);
    cell.set(codec.cell(state.cell), b * units);
  }
  return [
    { data: sequence, shape: [batch, steps, outputs] },
    { data: last, shape: [batch, outputs] },
    { data: last, shape: [batch, outputs] },
    { data: cell, shape: [batch, units] },
    { data: hidden, shape: [batch, steps, units] },
  ];
}
