import type { RecurrentNode, ValueName } from '../../../model/graph.ts';
import { outputSize } from '../../../model/recurrentLayer.ts';
import { fusedActivation } from '../activations.ts';
import { recurrentOperators } from '../recurrent.ts';
import type { TfliteOperator } from '../schema.ts';
import type { Builder } from './builder.ts';
import { recurrentIntegers } from './recurrentIntegers.ts';

/** A sequence operator: one recurrent node a direction; the state begins with zeros, as after a reset of the interpreter's variables. */
export function lowerRecurrent(b: Builder, operator: TfliteOperator): void {
  const kind = recurrentOperators.get(operator.code);
  const layers = b.layers.get(operator);
  if (!kind || !layers) throw b.refuse(operator, { code: 'reasonContent', args: {} });
  const { fields, auxiliary, places, cell } = kind;
  if (auxiliary.some((index) => (operator.inputs[index] ?? -1) >= 0))
    throw b.refuse(operator, { code: 'reasonAuxiliaryInput', args: {} });
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
  const integers = recurrentIntegers(b, operator);
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
