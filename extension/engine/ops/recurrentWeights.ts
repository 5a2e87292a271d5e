import type { GateView } from '../../model/gateView.ts';
import {
  auxiliarySize,
  type Gate,
  gatesOf,
  type RecurrentLayer,
  recurrentColumns,
} from '../../model/recurrentLayer.ts';
import type { Weight, WeightPart, WeightRole } from '../weight.ts';

/**
 * A layer's weights in the engine's layout, whatever the file's: kernel [G·H, I], recurrent kernel [G·H, P], input
 * bias [G·H] and recurrent bias [G·H], gates in canonical order. Of a diagonal layer the recurrent kernel is [G·H, 1]. A bias that the
 * layer lacks has no parts. Where both are there they add up, but for a GRU with linear_before_reset, which needs the second one apart.
 */
export function recurrentWeights(layer: RecurrentLayer): Weight[] {
  const width = layer.gates.length * layer.hiddenSize;
  return [
    ofAllGates(layer, 'kernel', [width, layer.inputSize], ({ kernel }) => kernel),
    ofAllGates(layer, 'kernel', [width, recurrentColumns(layer)], ({ recurrent }) => recurrent),
    ofAllGates(layer, 'bias', [width], ({ biases }) => biases[0]),
    ofAllGates(layer, 'bias', [width], ({ biases }) => biases[1]),
  ];
}

/** One matrix of each gate below the other. */
function ofAllGates(
  { gates }: RecurrentLayer,
  role: WeightRole,
  shape: number[],
  viewOf: (gate: Gate) => GateView | undefined,
): Weight {
  const parts = gates.flatMap((gate, g): WeightPart[] => {
    const view = viewOf(gate);
    return view ? [{ view, at: (g * shape.reduce((a, b) => a * b, 1)) / gates.length }] : [];
  });
  return { role, shape, parts };
}

/**
 * What only some layers have: the kernel of a second sequence [G·H,A]. What only some LSTMs have: of i, f and o what they see of the cell
 * state, [H] each; of any gate what it is multiplied with behind its normalization, [H]; the projection [P,H] and its bias [P].
 */
export type FurtherWeight =
  | 'i'
  | 'f'
  | 'o'
  | `${'i' | 'f' | 'c' | 'o'} normalization`
  | 'projection'
  | 'projectionBias'
  | 'auxiliary';

/** Those that the layer has. */
export function furtherWeights(layer: RecurrentLayer): Map<FurtherWeight, Weight> {
  const { gates, hiddenSize, projection, projectionBias } = layer;
  const found = new Map<FurtherWeight, Weight>();
  const add = (name: FurtherWeight, role: WeightRole, view: GateView | undefined) => {
    if (!view) return;
    const shape = role === 'bias' ? [view.rows] : [view.rows, view.columns];
    found.set(name, { role, shape, parts: [{ view, at: 0 }] });
  };
  for (const name of ['i', 'f', 'o'] as const)
    add(name, 'bias', gates.find((gate) => gate.name === name)?.peephole);
  for (const name of gatesOf.LSTM)
    add(`${name} normalization`, 'bias', gates.find((gate) => gate.name === name)?.normalization);
  add('projection', 'kernel', projection);
  add('projectionBias', 'bias', projectionBias);
  const columns = auxiliarySize(layer);
  const shape = [gates.length * hiddenSize, columns];
  if (columns > 0)
    found.set(
      'auxiliary',
      ofAllGates(layer, 'kernel', shape, ({ auxiliary }) => auxiliary),
    );
  return found;
}
