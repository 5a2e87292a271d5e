import type { GateView } from '../../model/gateView.ts';
import type { Gate, RecurrentLayer } from '../../model/recurrentLayer.ts';
import type { Weight, WeightPart, WeightRole } from '../weight.ts';

/**
 * A layer's weights in the engine's layout, whatever the file's: kernel [G·H, I], recurrent kernel [G·H, H], input
 * bias [G·H] and recurrent bias [G·H], gates in canonical order. A bias that the layer lacks has no parts. Where both are
 * there they add up, but for a GRU with linear_before_reset, which needs the second one apart.
 */
export function recurrentWeights({ gates, hiddenSize, inputSize }: RecurrentLayer): Weight[] {
  const width = gates.length * hiddenSize;
  const weight = (
    role: WeightRole,
    shape: number[],
    viewOf: (gate: Gate) => GateView | undefined,
  ): Weight => ({
    role,
    shape,
    parts: gates.flatMap((gate, g): WeightPart[] => {
      const view = viewOf(gate);
      return view ? [{ view, at: (g * shape.reduce((a, b) => a * b, 1)) / gates.length }] : [];
    }),
  });
  return [
    weight('kernel', [width, inputSize], ({ kernel }) => kernel),
    weight('kernel', [width, hiddenSize], ({ recurrent }) => recurrent),
    weight('bias', [width], ({ biases }) => biases[0]),
    weight('bias', [width], ({ biases }) => biases[1]),
  ];
}
