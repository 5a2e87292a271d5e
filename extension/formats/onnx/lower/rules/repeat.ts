import { floatOf, intsOf, textOf } from '../../attributes.ts';
import type { OnnxNode } from '../../proto.ts';
import { nameOf } from '../../recurrent/found.ts';
import { unstacked, withLast } from '../arrange.ts';
import { countingOf, longerCounting } from '../counting.ts';
import { type Length, plus } from '../lengths.ts';
import type { Lowering } from '../lowering.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import { type Flow, flowOf, lengthsOf } from '../values.ts';
import { weightFlow } from '../weightFlow.ts';
import { frontAxis, longerFlow } from './layout.ts';

/** So many copies side by side are no model. */
const mostCopies = 1024;

/** Tile: an axis of length 1 is only said to be longer, others are put behind themselves. */
export const tileRule: Rule = async (lowering, node) => {
  const repeats = (await lowering.numbers(node, 1))?.values ?? [];
  const value = lowering.needed(node, 0);
  const counting = countingOf(value);
  if (counting?.shape.every((length, axis) => (axis === counting.axis ? repeats[axis] : length) === 1)) {
    lowering.set(node.outputs[0], longerCounting(counting, repeats));
    return;
  }
  // A state that is learned is repeated for every sample.
  const flow = value.kind === 'weight' ? await weightFlow(lowering, value, node) : lowering.flow(node, 0);
  const isOne = flow.axes.map(({ length }) => length === 1);
  const fits = (count: Length, axis: number) =>
    typeof count === 'number' ? count >= 1 && count <= mostCopies : isOne[axis];
  if (repeats.length !== flow.axes.length || !repeats.every(fits))
    throw refused(node, { code: 'reasonInputComputed', args: { input: 1 } });
  let result = longerFlow(flow, { values: repeats.map((count, axis) => (isOne[axis] ? count : 1)) }, node);
  for (const [axis, count] of repeats.entries())
    if (typeof count === 'number' && count > 1 && !isOne[axis])
      result = copies(lowering, result, axis, count, node);
  lowering.set(node.outputs[0], result);
};

function copies(lowering: Lowering, flow: Flow, axis: number, count: number, node: OnnxNode): Flow {
  const { emitter } = lowering;
  const single = withLast(emitter, unstacked(emitter, flow, node), [axis], node);
  const [name] = single.values;
  const shape = emitter.shape(name);
  const [part] = single.axes[axis].parts;
  const length = Array.from({ length: count }).reduce<Length>((sum) => plus(sum, shape[part].length), 0);
  const inputs = Array.from({ length: count }, () => name);
  const places = shape.with(part, { length });
  const made = emitter.add({ op: 'Concat', axis: part, inputs }, places, nameOf(node), node.outputs[0]);
  return flowOf([made], single.axes.with(axis, { parts: [part], length }));
}

/** Pad: zeros before and behind along one axis but the batch, or so many places less where a number is negative. */
export const padRule: Rule = async (lowering, node) => {
  const { emitter } = lowering;
  const flow = unstacked(emitter, lowering.flow(node, 0), node);
  const rank = flow.axes.length;
  const pads = intsOf(node, 'pads') ?? (await lowering.integers(node, 1)) ?? [];
  const fill = lowering.has(node, 2) ? (await lowering.single(node, 2)).value : 0;
  const axes =
    (await lowering.integers(node, 3))?.map((axis) => frontAxis(node, axis, rank)) ?? lengthsOf(flow).keys();
  if (textOf(node, 'mode', 'constant') !== 'constant')
    throw refused(node, { code: 'reasonAttribute', args: { name: 'mode' } });
  if (fill !== 0 || floatOf(node, 'value', 0) !== 0)
    throw refused(node, { code: 'reasonInputConstant', args: { input: 2 } });
  const list = [...axes];
  if (pads.length !== 2 * list.length)
    throw refused(node, { code: 'reasonAttribute', args: { name: 'pads' } });
  let result = flow;
  for (const [i, axis] of list.entries()) {
    const [before, after] = [pads[i], pads[i + list.length]];
    if (before !== 0 || after !== 0) result = padded(lowering, result, axis, before, after, node);
  }
  lowering.set(node.outputs[0], result);
};

function padded(
  lowering: Lowering,
  flow: Flow,
  axis: number,
  before: number,
  after: number,
  node: OnnxNode,
): Flow {
  const { emitter } = lowering;
  if (flow.axes[axis].parts.includes(0)) throw refused(node, { code: 'reasonMixesSamples', args: {} });
  const others = flow.axes.flatMap(({ parts }, one) => (one === axis || parts.includes(0) ? [] : [one]));
  const first = withLast(emitter, flow, [axis, ...others], node);
  const [name] = first.values;
  const shape = emitter.shape(name);
  if (shape.length > 4) throw refused(node, { code: 'reasonTwoDimensions', args: {} });
  const length = plus(plus(shape[1].length, before), after);
  const places = shape.with(1, { length });
  const made = emitter.add(
    { op: 'Pad', before, after, inputs: [name] },
    places,
    nameOf(node),
    node.outputs[0],
  );
  return flowOf([made], first.axes.with(axis, { parts: [1], length }));
}
