import { type Gate, gatesOf, type RecurrentLayer } from '../../../model/recurrentLayer.ts';
import { UserError } from '../../../protocol/userError.ts';
import type { Folded, TensorView } from '../fold/folded.ts';
import { cellFunctions, keepsZero } from './activations.ts';
import { type FoundNode, nameOf } from './found.ts';
import { type NodeWeights, nodeWeights, rowsOf, storedGates, storedPeepholes } from './weights.ts';

/** One gate as views of the file's tensors. */
export interface StoredGate {
  readonly name: Gate['name'];
  readonly kernel: TensorView;
  readonly recurrent: TensorView;
  readonly biases: readonly TensorView[];
  readonly peephole?: TensorView;
}

/** One direction of a recurrent node over the file's tensors. */
export interface StoredLayer
  extends Pick<RecurrentLayer, 'name' | 'cell' | 'direction' | 'inputSize' | 'hiddenSize'> {
  readonly gates: readonly StoredGate[];
  readonly zeroPreserving: boolean;
}

/** The directions of a recurrent node, in the order of its weights. Throws like `nodeWeights`. */
export function storedLayers(found: FoundNode, name: string, file: string): StoredLayer[] {
  const weights = nodeWeights(found, file);
  const { cell, directions, inputSize, hiddenSize } = weights;
  const functions = cellFunctions(found.node, directions);
  return Array.from({ length: directions }, (_, d) => {
    const backward = directions === 2 ? d === 1 : found.node.attributes.get('direction')?.text === 'reverse';
    const direction = backward ? 'backward' : 'forward';
    return {
      name: directions === 2 ? `${name}/${direction}` : name,
      cell,
      direction,
      inputSize,
      hiddenSize,
      gates: gatesOf[cell].map((gate) => storedGate(gate, d, weights, () => scattered(found, file))),
      // The first function of an LSTM or GRU is that of its gates.
      zeroPreserving: functions[d].slice(cell === 'RNN' ? 0 : 1).every(keepsZero),
    };
  });
}

function storedGate(
  name: Gate['name'],
  direction: number,
  { cell, hiddenSize, kernel, recurrent, bias, peephole }: NodeWeights,
  scattered: () => UserError,
): StoredGate {
  const order: readonly string[] = storedGates[cell];
  const width = order.length * hiddenSize;
  const rows = (folded: Folded, first: number): TensorView => {
    const view = rowsOf(folded, direction, first, hiddenSize);
    if (!view) throw scattered();
    return view;
  };
  const first = order.indexOf(name) * hiddenSize;
  const looks = (storedPeepholes as readonly string[]).indexOf(name);
  return {
    name,
    kernel: rows(kernel, first),
    recurrent: rows(recurrent, first),
    biases: bias ? [rows(bias, first), rows(bias, width + first)] : [],
    ...(peephole && looks !== -1 && { peephole: rows(peephole, looks * hiddenSize) }),
  };
}

function scattered({ node }: FoundNode, file: string): UserError {
  const args = { file, layer: nameOf(node), weights: 'W', operator: 'Concat' };
  return new UserError('weightsComputed', args);
}
