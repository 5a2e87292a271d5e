import { placeAlong, placeOf, sliced } from './scriptAxes.ts';
import { slicedHalf, stepOfHalf } from './scriptHalves.ts';
import { behind, isBeforeSteps, isSteps, type ScriptModel, stepsBehind, summedUp } from './scriptModel.ts';
import { picked } from './scriptRecurrent.ts';
import {
  type NumberValue,
  numberIn,
  numberOf,
  type ScriptValue,
  type TensorValue,
  unknown,
} from './scriptValues.ts';

/** What is at one place of an axis. @param name of what picks it, by which is named what is no step */
export function selected(
  x: TensorValue,
  at: number,
  index: NumberValue,
  name: string,
  model: ScriptModel,
): ScriptValue {
  const own = x.axes[at];
  const [one] = own.length === 1 ? own : [];
  if (one && index.isEach && index.axis === one.name && !x.each)
    return { ...x, axes: x.axes.toSpliced(at, 1), each: one.name };
  if (own.length === 0 && [0, -1].includes(index.value ?? 1)) return { ...x, axes: x.axes.toSpliced(at, 1) };
  const place = placeAlong(index, own);
  if (x.states)
    return (isSteps(own, model) ? stepOfHalf(x, at, place) : picked(x, at, index.value)) ?? unknown(name);
  if (place !== undefined && isBeforeSteps(x)) return beforeSteps(x, at, place, model) ?? unknown(name);
  if (place === undefined || !isSteps(own, model)) return unknown(name);
  const made =
    place === -1 ? summedUp(x, at, 'last', false) : behind(x, [{ step: place }], x.axes.toSpliced(at, 1));
  return { ...made, ...(x.both && { both: { ...x.both, step: place } }) };
}

/** A step whose place is known, of what recurrent layers have not gone over, which may be a cell's first or next one. */
function beforeSteps(x: TensorValue, at: number, place: number, model: ScriptModel): TensorValue | undefined {
  const [{ name: axis } = { name: undefined }, ...more] = x.axes[at];
  const maySteps = model.steps === undefined ? axis === 'a0' || axis === 'a1' : isSteps(x.axes[at], model);
  if (axis === undefined || more.length > 0 || !maySteps || x.each || x.at) return undefined;
  if (place >= 0) return { ...x, axes: x.axes.toSpliced(at, 1), at: { axis, place } };
  return place === -1 && x.layers.length > 0 && isSteps(x.axes[at], model)
    ? summedUp(x, at, 'last', false)
    : undefined;
}

/** (x, axis, from, to, step), which may all be left out. */
export function slicedOf(
  x: TensorValue,
  args: readonly ScriptValue[],
  name: string,
  model: ScriptModel,
): ScriptValue {
  const at = placeOf(args[1] ?? numberOf(0), x.axes.length);
  const part = at === undefined ? undefined : sliced(args.slice(2), x.axes[at]);
  if (part?.from === 0 && part.to === undefined) return x;
  const half = slicedHalf(x, args);
  if (half) return half;
  if (at === undefined || !part || x.states || x.layers.length === 0 || !isSteps(x.axes[at], model))
    return unknown(name);
  if (part.from === -1 && part.to === undefined) return summedUp(x, at, 'last', true);
  const { name: steps } = x.axes[at][0];
  const left = stepsBehind(steps, JSON.stringify(part), model);
  return behind(x, [part], x.axes.with(at, [{ name: left }]));
}

/** An operator as people know it: with what they write in brackets, `torch.select ([:, 0])`, where it is that. */
export function shownOperator(name: string, operator: string, args: readonly ScriptValue[]): string {
  const [x, axis = numberOf(0), ...others] = args;
  const place = numberIn(axis) ?? -1;
  if (!/^(?:select|slice)$/.test(operator) || place < 0) return name;
  const [own] = x?.is === 'tensor' ? (x.axes[place] ?? []) : [];
  const texts = others.map((value) => {
    if (value.is !== 'number') return value.is === 'none' ? '' : '…';
    // The length less something is a place from the end.
    return String(value.value ?? (value.axis === own?.name ? value.more : undefined) ?? '…');
  });
  const [from = '', to = '', step = '1'] = texts;
  const part =
    operator === 'select' ? from : `${from}:${Number(to) > 1e9 ? '' : to}${step === '1' ? '' : `:${step}`}`;
  return `${name} ([${':, '.repeat(place)}${part}])`;
}
