import type { GateView } from '../../model/gateView.ts';
import { type Parameter, sizeOf } from '../../model/parameter.ts';
import { type Gate, gatesOf, type RecurrentLayer } from '../../model/recurrentLayer.ts';
import { preservesZero } from '../../model/zeroPreserving.ts';
import type { Cell, GateName } from '../../protocol/report.ts';
import { UserError } from '../../protocol/userError.ts';
import { checkShape } from '../checkShape.ts';
import { activationOf } from './activations.ts';
import type { KerasVersion } from './config.ts';
import type { Leaf } from './leaves.ts';

const cells = new Map<string, Cell>([
  ['LSTM', 'LSTM'],
  ['GRU', 'GRU'],
  ['SimpleRNN', 'RNN'],
  ['CuDNNLSTM', 'LSTM'],
  ['CuDNNGRU', 'GRU'],
  ['ConvLSTM1D', 'LSTM'],
  ['ConvLSTM2D', 'LSTM'],
  ['ConvLSTM3D', 'LSTM'],
]);

/** In the file: LSTM i, f, c, o (twelve arrays of Keras 1: i, c, f, o); GRU z, r, h. */
const separateOrder = {
  LSTM: ['i', 'c', 'f', 'o'],
  GRU: ['z', 'r', 'h'],
  RNN: ['h'],
} as const satisfies Record<Cell, readonly GateName[]>;

export function cellOf({ className }: Leaf): Cell | undefined {
  return cells.get(className);
}

/** The recurrent layer that a leaf of a configuration describes, over its arrays. */
export function recurrentLayer(
  leaf: Leaf,
  arrays: readonly Parameter[],
  version: KerasVersion,
  file: string,
): RecurrentLayer {
  const { config, path: name, direction } = leaf;
  const activation = activationOf(config.activation ?? 'tanh', version);
  const hiddenSize = Number(config.units ?? config.filters ?? config.output_dim);
  const zeroPreserving = typeof activation === 'object' && preservesZero(activation);
  return layerOver(arrays, { name, cell: cellOf(leaf) as Cell, direction, hiddenSize, zeroPreserving }, file);
}

/**
 * Views of the gates of an LSTM, GRU or SimpleRNN over its arrays: kernel [I, G·H], recurrent kernel [H, G·H], bias
 * [G·H] or, of a GRU with reset_after, [2, G·H]; Keras 1 keeps an array a gate. A convolutional LSTM of F filters has kernels [k…, C, 4·F]
 * and [k…, F, 4·F]: its filters count as hidden units, and the k·C weights of each as inputs.
 */
export function layerOver(
  arrays: readonly Parameter[],
  described: Omit<RecurrentLayer, 'gates' | 'inputSize'>,
  file: string,
): RecurrentLayer {
  const { cell } = described;
  const separate = arrays.length === 3 * gatesOf[cell].length && cell !== 'RNN';
  const gates = separate ? separateGates(cell, arrays, file) : joinedGates(described, arrays, file);
  const [{ kernel }] = gates;
  return { ...described, inputSize: kernel.columns, hiddenSize: kernel.rows, gates };
}

function joinedGates(
  { cell, name: layer, hiddenSize: hidden }: Pick<RecurrentLayer, 'cell' | 'name' | 'hiddenSize'>,
  arrays: readonly Parameter[],
  file: string,
): Gate[] {
  const [kernel, recurrent, bias] = arrays;
  const names = gatesOf[cell];
  if (!kernel || !recurrent) throw new UserError('noWeightsForLayer', { file, layer });
  const width = hidden * names.length;
  // The lengths of a convolution's kernel.
  const over = kernel.shape.slice(0, -2);
  checkShape(kernel, [...over, null, width], file);
  checkShape(recurrent, [...over, hidden, width], file);
  if (bias) checkBias(bias, width, file);
  return names.map((name, g) => ({
    name,
    kernel: gateView(kernel, hidden, g, names.length),
    recurrent: gateView(recurrent, hidden, g, names.length),
    biases: bias ? biasViews(bias, hidden, g, names.length) : [],
  }));
}

function separateGates(cell: Cell, arrays: readonly Parameter[], file: string): Gate[] {
  const stored: readonly GateName[] = separateOrder[cell];
  const [inputs, hidden] = arrays[0].shape;
  return gatesOf[cell].map((name) => {
    const [kernel, recurrent, bias] = arrays.slice(3 * stored.indexOf(name));
    checkShape(kernel, [inputs ?? null, hidden ?? null], file);
    checkShape(recurrent, [hidden, hidden], file);
    checkShape(bias, [hidden], file);
    return {
      name,
      kernel: gateView(kernel, hidden, 0, 1),
      recurrent: gateView(recurrent, hidden, 0, 1),
      biases: biasViews(bias, hidden, 0, 1),
    };
  });
}

/** Gate g of a matrix [in, gates · H], or of a convolution's [k…, in, gates · H]: row = unit, column = input. */
function gateView(parameter: Parameter, hidden: number, g: number, gates: number): GateView {
  const columns = sizeOf(parameter.shape.slice(0, -1));
  return { parameter, rows: hidden, columns, offset: g * hidden, rowStride: 1, columnStride: gates * hidden };
}

/** One view for each of the bias vectors [gates · H] that the array holds. */
function biasViews(parameter: Parameter, hidden: number, g: number, gates: number): GateView[] {
  const width = gates * hidden;
  const vectors = sizeOf(parameter.shape) / width;
  return Array.from({ length: vectors }, (_, v) => ({
    parameter,
    rows: hidden,
    columns: 1,
    offset: v * width + g * hidden,
    rowStride: 1,
    columnStride: 1,
  }));
}

/** One vector of this width, or two: of a GRU with reset_after in two rows, of CuDNN layers in one. */
function checkBias(bias: Parameter, width: number, file: string): void {
  const { shape } = bias;
  const two = (shape.length === 2 && shape[0] === 2) || (shape.length === 1 && shape[0] === 2 * width);
  checkShape(bias, !two ? [width] : shape.length === 2 ? [2, width] : [2 * width], file);
}
