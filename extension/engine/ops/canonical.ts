import { type GateView, gather } from '../../model/gateView.ts';
import type { Parameter } from '../../model/parameter.ts';
import type { RecurrentLayer } from '../../model/recurrentLayer.ts';
import type { Weight } from '../operators.ts';

/**
 * A layer's weights in the engine's layout, whatever the file's: kernel [G·H, I], recurrent kernel [G·H, H], input
 * bias [G·H] and recurrent bias [G·H], gates in canonical order. Only a GRU with linear_before_reset needs two biases;
 * elsewhere they are summed into the first.
 */
export async function canonicalWeights(
  layer: RecurrentLayer,
  keepBiasesApart: boolean,
  read: (parameter: Parameter) => Promise<Float32Array>,
): Promise<Weight[]> {
  const { gates, hiddenSize, inputSize } = layer;
  const width = gates.length * hiddenSize;
  const values = new Map<Parameter, Float32Array>();
  const fill = async (view: GateView, target: Float32Array, at: number) => {
    const { parameter } = view;
    const known = values.get(parameter) ?? (await read(parameter));
    values.set(parameter, known);
    gather(view, known, target, at);
  };
  const kernel = new Float32Array(width * inputSize);
  const recurrent = new Float32Array(width * hiddenSize);
  const inputBias = new Float32Array(width);
  const recurrentBias = new Float32Array(width);
  for (const [g, gate] of gates.entries()) {
    await fill(gate.kernel, kernel, g * hiddenSize * inputSize);
    await fill(gate.recurrent, recurrent, g * hiddenSize * hiddenSize);
    for (const [b, view] of gate.biases.entries()) {
      const bias = new Float32Array(hiddenSize);
      await fill(view, bias, 0);
      const target = keepBiasesApart && b > 0 ? recurrentBias : inputBias;
      for (let i = 0; i < hiddenSize; i++) target[g * hiddenSize + i] += bias[i];
    }
  }
  return [
    { values: kernel, shape: [width, inputSize] },
    { values: recurrent, shape: [width, hiddenSize] },
    { values: inputBias, shape: [width] },
    { values: recurrentBias, shape: [width] },
  ];
}
