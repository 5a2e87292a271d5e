import type { ValueName } from '../../../model/graph.ts';
import type { OnnxNode } from '../proto.ts';
import { nameOf } from '../recurrent/found.ts';
import { regroup, reshape, unstacked, withLast } from './arrange.ts';
import type { Lowering } from './lowering.ts';
import { refused } from './refuse.ts';
import { type Flow, flowOf, notional } from './values.ts';

/**
 * Of each sample what stands at a place of its own of an axis, such as the last step by its length: all steps times a mask of that one,
 * which is that of one step more without that of the steps before, added up. Places are counted from the front.
 * @param places [B], whatever axes ONNX has beside the batch
 * @returns the axis with a length of 1
 */
export function placeOfEach(
  lowering: Lowering,
  data: Flow,
  axis: number,
  places: Flow,
  node: OnnxNode,
): Flow {
  const { emitter } = lowering;
  const whole = unstacked(emitter, data, node);
  if (whole.axes[axis].parts.includes(0)) throw refused(node, { code: 'reasonMixesSamples', args: {} });
  const others = whole.axes.flatMap(({ parts }, one) => (one === axis || parts.includes(0) ? [] : [one]));
  const stepsFirst = withLast(emitter, whole, [axis, ...others], node);
  const [steps] = stepsFirst.values;
  const [batch, time, ...features] = emitter.shape(steps);
  const [place] = regroup(emitter, unstacked(emitter, places, node), [], node).values;
  const origin = nameOf(node);
  const [hint] = node.outputs;
  // The mask up to the place itself stands last: it is the one that says which steps are real.
  const [before, upTo] = [place, following(lowering, place, node)].map((lengths) =>
    emitter.add({ op: 'LengthMask', inputs: [lengths, steps] }, [batch, time], origin, `${hint} mask`),
  );
  const own = emitter.add({ op: 'Sub', inputs: [upTo, before] }, [batch, time], origin, `${hint} mask`);
  const beside = reshape(emitter, own, [time, ...features.map(() => ({ length: 1 }))], node);
  const product = emitter.add({ op: 'Mul', inputs: [steps, beside] }, emitter.shape(steps), origin, hint);
  const sum = emitter.add(
    { op: 'Reduce', by: 'Sum', axes: [1], inputs: [product] },
    [batch, ...features],
    origin,
    hint,
  );
  const axes = stepsFirst.axes.map((one, i) =>
    i === axis ? notional : { ...one, parts: one.parts.map((part) => (part > 1 ? part - 1 : part)) },
  );
  return flowOf([sum], axes);
}

/** x + 1 of whole numbers; of x − 1 that is x. */
export function following({ emitter }: Lowering, name: ValueName, node: OnnxNode): ValueName {
  const made = emitter.producer(name);
  const lessOne = made?.op === 'Activation' && made.activation;
  if (lessOne && lessOne.op === 'Affine' && lessOne.alpha === 1 && lessOne.beta === -1) return made.inputs[0];
  const activation = { op: 'Affine', alpha: 1, beta: 1 } as const;
  const bare = { op: 'Activation', activation, inputs: [name] } as const;
  return emitter.add(bare, emitter.shape(name), nameOf(node), node.outputs[0]);
}
