import type { DescribedKind, DescribedLayer } from '../../protocol/modelDescription.ts';
import { belowOne } from '../../protocol/valueChecks.ts';
import { lengthOf, placeOf } from './scriptAxes.ts';
import { behind, isFeatures, type Layer, namesOf, operatorIn, type ScriptModel } from './scriptModel.ts';
import { type Axis, itemsOf, numberIn, type ScriptValue, type TensorValue, unknown } from './scriptValues.ts';

const sequences: Readonly<
  Partial<Record<string, readonly [className: string, nonlinearity?: 'relu' | 'tanh']>>
> = {
  lstm: ['LSTM'],
  gru: ['GRU'],
  rnn_tanh: ['RNN', 'tanh'],
  rnn_relu: ['RNN', 'relu'],
};

/** Whether an operator takes states beside its input. */
export function isRecurrent(operator: string): boolean {
  return sequences[operator.replace(/_cell$/, '')] !== undefined;
}

/** The layer of such an operator. */
export function recurrentLayer(operator: string): Layer {
  return sequences[operator] ? sequence : cell;
}

/**
 * (input, states, weights, has biases, layers, dropout, is trained, is bidirectional, batch first); of packed sequences others. Gives the
 * outputs and the final states.
 */
const sequence: Layer = (x, args, name, model) => {
  const [, states, weights, , count, share, isTrained, isBoth, isBatchFirst] = args;
  const [className, nonlinearity] = sequences[operatorIn(name)] ?? [''];
  const names = namesOf(weights?.is === 'items' ? weights.items : []) ?? [];
  const path = model.layerOf(className, names);
  const layers = numberIn(count);
  const dropout = numberIn(share) ?? 0;
  const flags = [isTrained, isBoth, isBatchFirst].map((flag) => flag?.is === 'truth' && flag.value);
  if (path === undefined || layers === undefined || flags.includes(undefined) || !isBatchFirst)
    return unknown(name);
  const begins = states.is === 'items' ? states.items : [states];
  if (!begins.every(({ is }) => is === 'zeros') || (flags[0] && dropout > 0))
    return unknown(shown(path, name));
  const steps = flags[2] ? 1 : 0;
  const width = x.axes[2];
  const isSequence =
    x.axes.length === 3 && (isFeatures(width) || (width?.length === 0 && x.layers.length === 0));
  if (!isSequence || !turns(x, steps, model)) return unknown(x.moved ?? shown(path, name));
  const directions = flags[1] ? 2 : 1;
  const own = model.shapeOf(names[1])?.[1];
  const layer: DescribedLayer = {
    kind: className.toLowerCase() as DescribedKind,
    name: path,
    ...(nonlinearity && { nonlinearity }),
    ...(dropout > 0 && belowOne.allows(dropout) && { dropout }),
  };
  const features = (length: number | undefined): Axis => [{ name: 'features', length }];
  const outputs = behind(x, [layer], x.axes.with(2, features(own === undefined ? own : own * directions)));
  const batch = x.axes[1 - steps];
  const isOne = layers * directions === 1;
  const last: TensorValue = isOne
    ? { ...behind(x, [layer, 'last'], [[], batch, features(own)]), isState: true }
    : {
        ...behind(x, [layer], [[{ name: 'states', length: layers * directions }], batch, features(own)]),
        states: { layers, directions },
        isState: true,
      };
  const memory: ScriptValue = { is: 'unknown', name: 'c_n', isState: true };
  return itemsOf(outputs, last, ...(className === 'LSTM' ? [memory] : []));
};

/** (input, states, weights and biases), of one step in a loop over all. */
const cell: Layer = (x, [, states, ...weights], name, model) => {
  const [kind, nonlinearity] = sequences[operatorIn(name).replace(/_cell$/, '')] ?? [''];
  const names = namesOf(weights);
  const path = names && model.layerOf(`${kind}Cell`, names);
  const begins = states.is === 'items' ? states.items : [states];
  const isOwn = (value: ScriptValue, i: number) =>
    (value.is === 'zeros' && !model.isLater) ||
    (value.is === (i === 0 ? 'tensor' : 'unknown') && 'cell' in value && value.cell === path);
  if (path === undefined || !begins.every(isOwn)) return unknown(shown(path, name));
  if (x.each === undefined || x.axes.length !== 2 || !isFeatures(x.axes[1]))
    return unknown(shown(path, name));
  if (!turns({ ...x, axes: [[{ name: x.each }], ...x.axes] }, 0, model)) return unknown(shown(path, name));
  const layer: DescribedLayer = {
    kind: kind.toLowerCase() as DescribedKind,
    name: path,
    ...(nonlinearity && { nonlinearity }),
  };
  const width: Axis = [{ name: 'features', length: model.shapeOf(names?.[1] ?? '')?.[1] }];
  const output: TensorValue = { ...behind(x, [layer], [x.axes[0], width]), cell: path };
  const memory: ScriptValue = { is: 'unknown', name: 'c_n', isState: true, cell: path };
  return kind === 'LSTM' ? itemsOf(output, memory) : output;
};

/** Whether the steps are where a layer takes them to be: one axis of the input, and always the same; the samples are the other. */
function turns({ axes }: TensorValue, at: number, model: ScriptModel): boolean {
  const [steps, batch] = [axes[at], axes[1 - at]].map((axis) =>
    axis.length === 1 ? axis[0].name : undefined,
  );
  const areInput = [steps, batch].toSorted().join() === 'a0,a1';
  if (!areInput || (model.steps !== undefined && model.steps !== steps)) return false;
  model.steps = steps;
  return true;
}

/** One of the final states of several layers and directions; only those of the last layer are outputs of it. */
export function picked(x: TensorValue, at: number, index: number | undefined): TensorValue | undefined {
  const { states } = x;
  const axis = x.axes[at];
  const count = lengthOf(axis);
  if (!states || axis[0]?.name !== 'states' || axis.length > 1 || index === undefined || !count)
    return undefined;
  const place = index < 0 ? index + count : index;
  if (place >= count || place < count - states.directions) return undefined;
  const { states: _, ...rest } = { ...x, axes: x.axes.toSpliced(at, 1) };
  if (states.directions > 1) return { ...rest, states: { ...states, picked: place % states.directions } };
  return behind(rest, ['last']);
}

/** Final states of both directions side by side; undefined of other values. */
export function joined(
  values: readonly ScriptValue[],
  place: ScriptValue | undefined,
): TensorValue | undefined {
  const both = values.flatMap((value) => (value.is === 'tensor' ? [value] : []));
  const [first] = both;
  const areBoth = both.length === 2 && both.every(({ states }, i) => states?.picked === i);
  const areAlike = JSON.stringify(first?.layers) === JSON.stringify(both[1]?.layers);
  const at = placeOf(place, first?.axes.length ?? 0);
  if (values.length !== 2 || !areBoth || !areAlike || at === undefined || !isFeatures(first.axes[at]))
    return undefined;
  const length = lengthOf(first.axes[at]);
  return finalOf(first, first.axes.with(at, [{ name: 'features', length: length && 2 * length }]));
}

/** The same where one axis holds the states of one layer, direction by direction. */
export function joinedAxis(x: TensorValue): TensorValue {
  const at = x.axes.findIndex(
    (axis) => axis.length === 2 && axis[0].name === 'states' && axis[1].name === 'features',
  );
  if (at < 0 || x.states?.layers !== 1) return x;
  return finalOf(x, x.axes.with(at, [{ name: 'features', length: lengthOf(x.axes[at]) }]));
}

function finalOf(x: TensorValue, axes: readonly Axis[]): TensorValue {
  return behind(x, ['final'], axes);
}

/** A module is named by its path; what has none, by the operator. */
function shown(path: string | undefined, name: string): string {
  return path || name;
}
