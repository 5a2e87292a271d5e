import type { GateView } from '../../model/gateView.ts';
import type { Parameter } from '../../model/parameter.ts';
import { type Gate, gatesOf, type RecurrentLayer } from '../../model/recurrentLayer.ts';
import type { Cell, GateName } from '../../protocol/report.ts';
import { UserError } from '../../protocol/userError.ts';
import { activationOf, preservesZero } from './activations.ts';
import type { KerasVersion } from './config.ts';
import type { Leaf } from './leaves.ts';

const cells: Record<string, Cell> = {
  LSTM: 'LSTM',
  GRU: 'GRU',
  SimpleRNN: 'RNN',
  CuDNNLSTM: 'LSTM',
  CuDNNGRU: 'GRU',
};

/** In the file: LSTM i, f, c, o (twelve arrays of Keras 1: i, c, f, o); GRU z, r, h. */
const separateOrder = {
  LSTM: ['i', 'c', 'f', 'o'],
  GRU: ['z', 'r', 'h'],
  RNN: ['h'],
} as const satisfies Record<Cell, readonly GateName[]>;

export function cellOf({ className }: Leaf): Cell | undefined {
  return cells[className];
}

/**
 * Views of the gates of an LSTM, GRU or SimpleRNN over its arrays: kernel [I, G·H], recurrent kernel [H, G·H], bias
 * [G·H] or, of a GRU with reset_after, [2, G·H]; Keras 1 keeps an array a gate.
 */
export function recurrentLayer(
  leaf: Leaf,
  arrays: readonly Parameter[],
  version: KerasVersion,
  file: string,
): RecurrentLayer {
  const cell = cells[leaf.className];
  const separate = arrays.length === 3 * gatesOf[cell].length && cell !== 'RNN';
  const gates = separate ? separateGates(cell, arrays) : joinedGates(cell, leaf, arrays, file);
  const [{ kernel, recurrent }] = gates;
  if (kernel.rows !== recurrent.rows || recurrent.rows !== recurrent.columns) {
    const { name, shape } = recurrent.parameter;
    const expected = `[${kernel.rows}, ${kernel.rows * (separate ? 1 : gates.length)}]`;
    throw new UserError('weightShape', { file, parameter: name, expected, found: `[${shape.join(', ')}]` });
  }
  return {
    name: leaf.path,
    cell,
    direction: leaf.direction,
    inputSize: kernel.columns,
    hiddenSize: kernel.rows,
    gates,
    zeroPreserving: preservesZero(activationOf(leaf.config.activation ?? 'tanh', version)),
  };
}

function joinedGates(cell: Cell, leaf: Leaf, arrays: readonly Parameter[], file: string): Gate[] {
  const [kernel, recurrent, bias] = arrays;
  const names = gatesOf[cell];
  if (!kernel || !recurrent) throw new UserError('noWeightsForLayer', { file, layer: leaf.path });
  const hidden = Number(leaf.config.units ?? leaf.config.output_dim);
  for (const parameter of [kernel, recurrent]) checkMatrix(parameter, hidden * names.length, file);
  return names.map((name, g) => ({
    name,
    kernel: gateView(kernel, hidden, g, names.length),
    recurrent: gateView(recurrent, hidden, g, names.length),
    biases: bias ? biasViews(bias, hidden, g, names.length) : [],
  }));
}

function separateGates(cell: Cell, arrays: readonly Parameter[]): Gate[] {
  const stored: readonly GateName[] = separateOrder[cell];
  return gatesOf[cell].map((name) => {
    const [kernel, recurrent, bias] = arrays.slice(3 * stored.indexOf(name));
    const hidden = kernel.shape[1];
    return {
      name,
      kernel: gateView(kernel, hidden, 0, 1),
      recurrent: gateView(recurrent, hidden, 0, 1),
      biases: biasViews(bias, hidden, 0, 1),
    };
  });
}

/** Gate g of a matrix [in, gates · H]: row = unit, column = input. */
function gateView(parameter: Parameter, hidden: number, g: number, gates: number): GateView {
  const columns = parameter.shape[0];
  return { parameter, rows: hidden, columns, offset: g * hidden, rowStride: 1, columnStride: gates * hidden };
}

/** One view for each of the bias vectors [gates · H] that the array holds. */
function biasViews(parameter: Parameter, hidden: number, g: number, gates: number): GateView[] {
  const width = gates * hidden;
  const vectors = parameter.shape.reduce((product, n) => product * n, 1) / width;
  return Array.from({ length: vectors }, (_, v) => ({
    parameter,
    rows: hidden,
    columns: 1,
    offset: v * width + g * hidden,
    rowStride: 1,
    columnStride: 1,
  }));
}

function checkMatrix({ name, shape }: Parameter, width: number, file: string): void {
  if (shape.length === 2 && shape[1] === width) return;
  const expected = `[…, ${width}]`;
  throw new UserError('weightShape', { file, parameter: name, expected, found: `[${shape.join(', ')}]` });
}
