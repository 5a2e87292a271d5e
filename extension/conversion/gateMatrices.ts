import { type GateView, gather } from '../model/gateView.ts';
import { type Parameter, readMasked } from '../model/parameter.ts';
import type { Gate, RecurrentLayer } from '../model/recurrentLayer.ts';
import type { Cell, GateName } from '../protocol/report.ts';
import { turned } from './turned.ts';

/** ONNX' order of the gates (operators LSTM, GRU, RNN). */
const onnxGates = {
  LSTM: ['i', 'o', 'f', 'c'],
  GRU: ['z', 'r', 'h'],
  RNN: ['h'],
} as const satisfies Record<Cell, readonly GateName[]>;

/** Views of the same matrix of each gate, one block after the other, as one array; what is absent is 0. */
export async function stacked(
  views: readonly (GateView | undefined)[],
  blockSize: number,
): Promise<Float32Array> {
  const result = new Float32Array(views.length * blockSize);
  const known = new Map<Parameter, Float32Array>();
  for (const [i, view] of views.entries()) {
    if (!view) continue;
    const values = known.get(view.parameter) ?? (await readMasked(view.parameter));
    known.set(view.parameter, values);
    gather(view, values, result, i * blockSize);
  }
  return result;
}

/** Matrices [H, rows] of gates as [rows, G·H], one beside the other, as Keras and MatMul want them; what is absent is 0. */
export async function sideBySide(
  views: readonly (GateView | undefined)[],
  rows: number,
  hiddenSize: number,
): Promise<Float32Array> {
  return turned(await stacked(views, hiddenSize * rows), views.length * hiddenSize, rows);
}

/** The gates of a layer in ONNX' order; undefined for one that is coupled to another and has no weights. */
export function orderedGates({ cell, gates }: RecurrentLayer): (Gate | undefined)[] {
  return onnxGates[cell].map((name) => gates.find((gate) => gate.name === name));
}
