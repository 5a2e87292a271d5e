import { canBeClipped } from '../../../model/cellClip.ts';
import type { RecurrentNode, ValueName } from '../../../model/graph.ts';
import { auxiliarySize, outputSize } from '../../../model/recurrentLayer.ts';
import { fusedActivation } from '../activations.ts';
import { type RecurrentOperator, recurrentOperators } from '../recurrent.ts';
import type { TfliteOperator } from '../schema.ts';
import type { Builder } from './builder.ts';
import { recurrentIntegers } from './recurrentIntegers.ts';
import type { Lowered } from './value.ts';

/** A sequence operator: one recurrent node a direction; the state begins with zeros, as after a reset of the interpreter's variables. */
export function lowerRecurrent(b: Builder, operator: TfliteOperator): void {
  const kind = recurrentOperators.get(operator.code);
  const layers = b.layers.get(operator);
  if (!kind || !layers) throw b.refuse(operator, { code: 'reasonContent', args: {} });
  const { fields, places, cell } = kind;
  const activation = fusedActivation(operator.options?.uint8(fields.activation) ?? 0);
  if (!activation)
    throw b.refuse(operator, { code: 'reasonAttribute', args: { name: 'fused_activation_function' } });
  const timeMajor = operator.options?.bool(fields.timeMajor, fields.timeMajorUsually) ?? false;
  const x = sequence(b, operator, 0, timeMajor);
  const [cellClip, projectionClip] =
    fields.clip === undefined
      ? [0, 0]
      : [operator.options?.float32(fields.clip) ?? 0, operator.options?.float32(fields.clip + 1) ?? 0];
  const integers = recurrentIntegers(b, operator);
  const second = auxiliary(b, operator, kind, x, timeMajor);
  const isRead = layers.some((layer) => auxiliarySize(layer) > 0);
  // The interpreter goes over all steps once for each of them there.
  if (integers && timeMajor && cell === 'RNN' && places.length > 1)
    throw b.refuse(operator, { code: 'reasonStepsRepeated', args: {} });
  if (isRead && integers) throw b.refuse(operator, { code: 'reasonAuxiliaryIntegers', args: {} });
  const [steps] = x.shape;
  const how = { activation, gateActivation: { op: 'Sigmoid' } as const, ...(cellClip > 0 && { cellClip }) };
  // In integers, too, gates and candidate stay below 1.
  const isClipped = canBeClipped(how, steps ?? Infinity);
  const sequences = layers.map((layer, d): ValueName => {
    for (const state of places[d].states) {
      if (b.isComputed(operator, state))
        throw b.refuse(operator, { code: 'reasonInputComputed', args: { input: String(state) } });
      if (!b.isZero(operator, state))
        throw b.refuse(operator, { code: 'reasonInputConstant', args: { input: String(state) } });
    }
    const first = second && !isRead && layer.direction === 'backward' ? second : x;
    const node: RecurrentNode = {
      op: cell,
      inputs: [first.name, ...(second && isRead ? [second.name] : [])],
      // Hidden units are judged by what the projection is applied to, which comes last.
      outputs: Array.from({ length: layer.projection ? 5 : 1 }, () => b.fresh(operator)),
      origin: b.originOf(operator),
      layer,
      activation,
      gateActivation: how.gateActivation,
      ...(isClipped && { cellClip }),
      ...(projectionClip > 0 && layer.projection && { projectionClip }),
      ...(layer.direction === 'backward' && { reverse: true }),
      ...(integers && { integers }),
    };
    return b.add(node);
  });
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

/** An input [steps, width] in the order that the operator takes. */
function sequence(b: Builder, operator: TfliteOperator, input: number, timeMajor: boolean): Lowered {
  const value = b.value(operator, input);
  if (value.layout !== (timeMajor ? 'time' : 'batch') || value.shape.length !== 2)
    throw b.refuse(operator, { code: 'reasonMixesSamples', args: {} });
  return value;
}

/**
 * A bidirectional operator's second sequence. Where both directions have kernels for it they read it beside the first one (TensorFlow 1's
 * stack_bidirectional_rnn), where none has, the backward direction reads it instead of the first (static_bidirectional_rnn).
 */
function auxiliary(
  b: Builder,
  operator: TfliteOperator,
  { places, auxiliary: input, cell }: RecurrentOperator,
  x: Lowered,
  timeMajor: boolean,
): Lowered | undefined {
  if (input === undefined) return undefined;
  const isThere = (index: number) => b.tensor(operator, index) !== undefined;
  const kernels = places.flatMap(({ kernel, auxiliary: own = [] }) =>
    own.filter((_, g) => isThere(kernel[g])),
  );
  const found = kernels.filter(isThere);
  if (found.length > 0 && found.length < kernels.length)
    throw b.refuse(operator, { code: 'reasonSomeAuxiliary', args: {} });
  if (found.length === 0 && !isThere(input)) return undefined;
  const second = sequence(b, operator, input, timeMajor);
  // The interpreter goes from step to step of it by the width of the first sequence, but in an RNN of samples first.
  const isFree = cell === 'RNN' && !timeMajor;
  if (second.shape[0] !== x.shape[0] || (!isFree && second.shape[1] !== x.shape[1]))
    throw b.refuse(operator, { code: 'reasonAuxiliaryShape', args: {} });
  // There it reads the first sequence backwards, too, whatever the file says.
  if (isFree && found.length === 0) throw b.refuse(operator, { code: 'reasonAuxiliaryIgnored', args: {} });
  return second;
}
