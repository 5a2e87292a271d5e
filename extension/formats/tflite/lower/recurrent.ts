import type { RecurrentNode, ValueName } from '../../../model/graph.ts';
import type { Integers } from '../../../model/integers.ts';
import { outputSize } from '../../../model/recurrentLayer.ts';
import { fusedActivation } from '../activations.ts';
import { gridOf, isIntegerMatrix } from '../grid.ts';
import { type RecurrentOperator, recurrentOperators } from '../recurrent.ts';
import type { TfliteOperator } from '../schema.ts';
import type { Builder } from './builder.ts';
import { inputGrid, is8Bit, outputGrid } from './integers.ts';

/** A sequence operator: one recurrent node a direction; the state begins with zeros, as after a reset of the interpreter's variables. */
export function lowerRecurrent(b: Builder, operator: TfliteOperator): void {
  const kind = recurrentOperators.get(operator.code);
  const layers = b.layers.get(operator);
  if (!kind || !layers) throw b.refuse(operator, { code: 'reasonContent', args: {} });
  const { fields, further, places, cell } = kind;
  for (const index of further) {
    if ((operator.inputs[index] ?? -1) >= 0)
      throw b.refuse(operator, { code: 'reasonFurtherInput', args: { input: String(index) } });
  }
  const activation = fusedActivation(operator.options?.uint8(fields.activation) ?? 0);
  if (!activation)
    throw b.refuse(operator, { code: 'reasonAttribute', args: { name: 'fused_activation_function' } });
  const timeMajor = operator.options?.bool(fields.timeMajor, fields.timeMajorUsually) ?? false;
  const x = b.value(operator, 0);
  if (x.layout !== (timeMajor ? 'time' : 'batch') || x.shape.length !== 2)
    throw b.refuse(operator, { code: 'reasonMixesSamples', args: {} });
  const [cellClip, projectionClip] =
    fields.clip === undefined
      ? [0, 0]
      : [operator.options?.float32(fields.clip) ?? 0, operator.options?.float32(fields.clip + 1) ?? 0];
  const integers = layerIntegers(b, operator, kind);
  const sequences = layers.map((layer, d): ValueName => {
    for (const state of places[d].states) {
      if (b.isComputed(operator, state))
        throw b.refuse(operator, { code: 'reasonInputComputed', args: { input: String(state) } });
      if (!b.isZero(operator, state))
        throw b.refuse(operator, { code: 'reasonInputConstant', args: { input: String(state) } });
    }
    const node: RecurrentNode = {
      op: cell,
      inputs: [x.name],
      // Hidden units are judged by what the projection is applied to, which comes last.
      outputs: Array.from({ length: layer.projection ? 5 : 1 }, () => b.fresh(operator)),
      origin: b.originOf(operator),
      layer,
      activation,
      gateActivation: { op: 'Sigmoid' },
      ...(cellClip > 0 && { cellClip }),
      ...(projectionClip > 0 && layer.projection && { projectionClip }),
      ...(layer.direction === 'backward' && { reverse: true }),
      ...(integers && { integers }),
    };
    return b.add(node);
  });
  const [steps] = x.shape;
  const layout = timeMajor ? 'time' : 'batch';
  const merges = fields.merge !== undefined && operator.options?.bool(fields.merge) === true;
  if (!merges) {
    for (const [d, name] of sequences.entries())
      b.set(operator.outputs[d] ?? -1, { name, shape: [steps, outputSize(layers[d])], layout });
    return;
  }
  const merged = b.add({
    op: 'Concat',
    inputs: sequences,
    outputs: [b.fresh(operator)],
    origin: b.originOf(operator),
    axis: -1,
  });
  const width = layers.reduce((sum, layer) => sum + outputSize(layer), 0);
  b.set(operator.outputs[0] ?? -1, { name: merged, shape: [steps, width], layout });
}

/** How a layer of integers is computed; undefined where its weights are floats. */
function layerIntegers(
  b: Builder,
  operator: TfliteOperator,
  { cell, places, fields }: RecurrentOperator,
): Integers | undefined {
  const [{ kernel, states }] = places;
  const weights = b.tensor(operator, kernel.at(-1) ?? -1);
  if (!weights || !isIntegerMatrix(weights)) return undefined;
  const input = inputGrid(b, operator, 0);
  if (!input) return { kind: 'hybrid', asymmetric: operator.options?.bool(fields.asymmetric) ?? false };
  // The scale of what the units put out stands beside those of the gates.
  const hidden = b.graph.tensors[operator.intermediates[4] ?? -1];
  const grids = {
    input,
    state: inputGrid(b, operator, states[0]),
    cell: inputGrid(b, operator, states[1]),
    hidden: hidden && gridOf(hidden),
    output: outputGrid(b, operator),
  };
  const { state, cell: ofCell, hidden: ofHidden, output } = grids;
  const isKnown = cell === 'LSTM' && places.length === 1 && operator.intermediates.length === 5;
  if (!isKnown || !is8Bit(input) || !is8Bit(state) || !ofCell || !is8Bit(ofHidden) || !is8Bit(output))
    throw b.refuse(operator, { code: 'reasonAttribute', args: { name: 'quantization' } });
  const bits = Math.log2(ofCell.scale);
  const hasInputGate = (operator.inputs[kernel[0]] ?? -1) >= 0;
  // Without an input gate, nobody knows what stands where the interpreter has no tanh for such a scale.
  if (!Number.isInteger(bits) || bits > -9 || (bits < -15 && !hasInputGate))
    throw b.refuse(operator, { code: 'reasonAttribute', args: { name: 'quantization' } });
  return { kind: 'cell', input, state, cell: ofCell, hidden: ofHidden, output };
}
