import { placeOf, sliced } from './scriptAxes.ts';
import { isSteps, type ScriptModel, summedUp } from './scriptModel.ts';
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
  const isLast = index.value === -1 || (one && index.axis === one.name && index.more === -1);
  if (isLast && isSteps(own, model)) return summedUp(x, at, 'last', false);
  return picked(x, at, index.value) ?? unknown(name);
}

/** (x, axis, from, to, step), which may all be left out. */
export function slicedOf(
  x: TensorValue,
  args: readonly ScriptValue[],
  name: string,
  model: ScriptModel,
): ScriptValue {
  const part = sliced(args.slice(1));
  const at = placeOf(args[1] ?? numberOf(0), x.axes.length);
  if (part === 'all') return x;
  return part === 'last' && at !== undefined && isSteps(x.axes[at], model)
    ? summedUp(x, at, 'last', true)
    : unknown(name);
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
