import { placeOf, sliced } from './scriptAxes.ts';
import { isFeatures } from './scriptModel.ts';
import {
  featuresOf,
  itemsOf,
  numberIn,
  numbersIn,
  type ScriptValue,
  type TensorValue,
  unknown,
} from './scriptValues.ts';

/**
 * Outputs of a layer of both directions are theirs side by side. What each of them puts out at its end is its final state: the first half at
 * the last step, the second one at the first step.
 */
const edges = [-1, 0];

/** One direction of such outputs: of a step of them its final state; undefined of others and where it is none. */
function halfOf(x: TensorValue, at: number, half: 0 | 1): TensorValue | undefined {
  const { both, by: _, ...rest } = x;
  if (!both || !isFeatures(x.axes[at])) return undefined;
  const own = { ...rest, axes: x.axes.with(at, featuresOf(both.units)) } as const;
  if (both.step === undefined) return { ...own, states: { layers: 1, directions: 2, half } };
  return both.step === edges[half]
    ? // What picked the step is the last layer.
      { ...own, layers: x.layers.slice(0, -1), states: { layers: 1, directions: 2, picked: half, half } }
    : undefined;
}

/** (x, axis, from, to, step) of one direction; undefined of others. */
export function slicedHalf(x: TensorValue, args: readonly ScriptValue[]): TensorValue | undefined {
  const at = placeOf(args[1], x.axes.length);
  const units = x.both?.units;
  const part = at === undefined ? undefined : sliced(args.slice(2), x.axes[at]);
  if (at === undefined || units === undefined || !part) return undefined;
  const { from, to = 2 * units } = part;
  const [begin, end] = [from, to].map((place) => (place < 0 ? place + 2 * units : place));
  if (end - begin !== units) return undefined;
  return begin === 0 ? halfOf(x, at, 0) : begin === units ? halfOf(x, at, 1) : undefined;
}

/** (x, number of parts or their lengths, axis), as `operator` cuts: both directions. */
export function cutHalves(
  operator: string,
  x: TensorValue,
  [, parts, axis]: readonly ScriptValue[],
  name: string,
): ScriptValue {
  const at = placeOf(axis, x.axes.length);
  const units = x.both?.units;
  const lengths = numbersIn(parts);
  const isHalves = /^split/.test(operator)
    ? units !== undefined && lengths?.every((length) => length === units)
    : numberIn(parts) === 2;
  if (at === undefined || !isHalves || (parts?.is === 'items' && lengths?.length !== 2)) return unknown(name);
  const halves = ([0, 1] as const).map((half) => halfOf(x, at, half));
  return itemsOf(...halves.map((half) => (half ? { ...half, by: name } : unknown(name))));
}

/** What a direction puts out at a step: its final state at its end. */
export function stepOfHalf(x: TensorValue, at: number, place: number | undefined): TensorValue | undefined {
  const { states } = x;
  if (states?.half === undefined || states.picked !== undefined || place !== edges[states.half])
    return undefined;
  return { ...x, axes: x.axes.toSpliced(at, 1), states: { ...states, picked: states.half } };
}
