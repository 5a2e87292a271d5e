import type { Cell } from '../../../protocol/report.ts';
import { UserError } from '../../../protocol/userError.ts';
import { type Folded, isJoined, sliced, type TensorView } from '../fold/folded.ts';
import { cellOf } from './cells.ts';
import { dynamicWeights } from './dynamicQuantize.ts';
import { type FoundNode, nameOf } from './found.ts';

/** In each matrix of the file, one gate's rows after another's. */
export const storedGates = {
  LSTM: ['i', 'o', 'f', 'c'],
  GRU: ['z', 'r', 'h'],
  RNN: ['h'],
} as const;
/** In P. */
export const storedPeepholes = ['i', 'o', 'f'] as const;

/** The weights of a node: W [dirs, G·H, I], R [dirs, G·H, H], B [dirs, 2·G·H], P [dirs, 3·H]. */
export interface NodeWeights {
  readonly cell: Cell;
  readonly directions: number;
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly kernel: Folded;
  readonly recurrent: Folded;
  readonly bias: Folded | undefined;
  readonly peephole: Folded | undefined;
}

/**
 * Finds the weights of a recurrent node in the file. Throws `UserError`: weightsGiven where they are inputs of the model, weightsComputed
 * where they are more than moved constants; noWeightsForLayer, weightShape.
 */
export function nodeWeights(found: FoundNode, file: string): NodeWeights {
  const { node, scope } = found;
  const cell = cellOf(node) as Cell;
  const gates = storedGates[cell].length;
  const whole = (input: number) => scope.computed(node.inputs[input] ?? '');
  const matrix = (input: number) => (node.domain === '' ? whole(input) : dynamicWeights(node, scope, input));
  const constant = (input: number, name: string, fold = whole): Folded | undefined => {
    const value = node.inputs[input] ?? '';
    if (value === '') return undefined;
    const folded = fold(input);
    if (folded) return folded;
    const layer = nameOf(node);
    const operator = scope.producer(value)?.opType ?? (whole(input) && node.opType);
    // An input of the model, whose values whoever runs it gives.
    if (!operator) throw new UserError('weightsGiven', { file, layer, weights: name });
    throw new UserError('weightsComputed', { file, layer, weights: name, operator });
  };
  const [kernel, recurrent] = [constant(1, 'W', matrix), constant(2, 'R', matrix)];
  if (!kernel || !recurrent) throw new UserError('noWeightsForLayer', { file, layer: nameOf(node) });
  const directions = node.attributes.get('direction')?.text === 'bidirectional' ? 2 : 1;
  const [inputSize, hiddenSize] = [kernel.shape[2], recurrent.shape[2]];
  const expect = (folded: Folded | undefined, name: string, shape: readonly (number | undefined)[]) => {
    if (!folded) return undefined;
    if (shape.length === folded.shape.length && shape.every((n, axis) => n === folded.shape[axis]))
      return folded;
    const args = { file, parameter: `${nameOf(node)} ${name}`, found: `[${folded.shape.join(', ')}]` };
    throw new UserError('weightShape', { ...args, expected: `[${shape.map((n) => n ?? '…').join(', ')}]` });
  };
  const rows = gates * hiddenSize;
  expect(kernel, 'W', [directions, rows, inputSize]);
  expect(recurrent, 'R', [directions, rows, hiddenSize]);
  return {
    cell,
    directions,
    inputSize,
    hiddenSize,
    kernel,
    recurrent,
    bias: expect(constant(3, 'B'), 'B', [directions, 2 * rows]),
    peephole: cell === 'LSTM' ? expect(constant(7, 'P'), 'P', [directions, 3 * hiddenSize]) : undefined,
  };
}

/** So many rows of one direction, where they lie in one tensor: [rows, columns], or [rows] of a list. */
export function rowsOf(
  folded: Folded,
  direction: number,
  first: number,
  rows: number,
): TensorView | undefined {
  const one = sliced(folded, 0, direction, 1);
  const part = one && sliced(one, 1, first, rows);
  return part && !isJoined(part) ? part : undefined;
}
