import type { DescribedKind, DescribedLayer, DescribedModule } from '../../protocol/modelDescription.ts';
import { belowOne } from '../../protocol/valueChecks.ts';
import { lengthOf, placeOf } from './scriptAxes.ts';
import { behind, isFeatures, type Layer, layerIn, takesSteps } from './scriptModel.ts';
import type { CalledLayer } from './scriptOperands.ts';
import {
  type Axis,
  featuresOf,
  isSame,
  itemsOf,
  numberIn,
  type ScriptValue,
  type TensorValue,
  unknown,
} from './scriptValues.ts';

/** What a recurrent operator computes. */
export function recurrentLayer(operator: string): Layer {
  return operator.endsWith('_cell') ? cell : sequence;
}

/**
 * (input, states, weights, has biases, layers, dropout, is trained, is bidirectional, batch first); of packed sequences others. Gives the
 * outputs and the final states.
 */
const sequence: Layer = (x, args, name, model) => {
  const [, states, , , count, share, isTrained, isBoth, isBatchFirst] = args;
  const called = layerIn(name, args, model);
  const layers = numberIn(count);
  const dropout = numberIn(share) ?? 0;
  const flags = [isTrained, isBoth, isBatchFirst].map((flag) => flag?.is === 'truth' && flag.value);
  if (!called || layers === undefined || flags.includes(undefined) || !isBatchFirst) return unknown(name);
  const { path } = called;
  const begins = states.is === 'items' ? states.items : [states];
  if (!begins.every(({ is }) => is === 'zeros') || (flags[0] && dropout > 0))
    return unknown(shown(path, name));
  const steps = flags[2] ? 1 : 0;
  const width = x.axes[2];
  const isSequence =
    x.axes.length === 3 && (isFeatures(width) || (width?.length === 0 && x.layers.length === 0));
  if (!isSequence || !takesSteps(x, steps, 1 - steps, model)) return unknown(x.moved ?? shown(path, name));
  const directions = flags[1] ? 2 : 1;
  const [, own] = called.shapeOf('weight_hh_l0');
  const layer: DescribedLayer = {
    ...layerOf(called, path),
    ...(dropout > 0 && belowOne.allows(dropout) && { dropout }),
  };
  const outputs: TensorValue = {
    ...behind(x, [layer], x.axes.with(2, featuresOf(own === undefined ? own : own * directions))),
    ...(directions === 2 && own !== undefined && { both: { units: own } }),
  };
  const batch = x.axes[1 - steps];
  const isOne = layers * directions === 1;
  const last: TensorValue = isOne
    ? { ...behind(x, [layer, 'last'], [[], batch, featuresOf(own)]), isState: true, by: 'h_n' }
    : {
        ...behind(x, [layer], [[{ name: 'states', length: layers * directions }], batch, featuresOf(own)]),
        states: { layers, directions },
        isState: true,
        by: 'h_n',
      };
  const memory: ScriptValue = { is: 'unknown', name: 'c_n', isState: true };
  return itemsOf(outputs, last, ...(called.className === 'LSTM' ? [memory] : []));
};

/** (input, states, weights and biases), of one step in a loop over all, or of one whose place is known. */
const cell: Layer = (x, args, name, model) => {
  const called = layerIn(name, args, model);
  const [, states] = args;
  const begins = states.is === 'items' ? states.items : [states];
  if (!called) return unknown(name);
  const { path } = called;
  const width = featuresOf(called.shapeOf('weight_hh')[1]);
  const made = behind(x, [layerOf(called, path)], [x.axes[0], width]);
  const isFirst = x.at ? x.at.place === 0 : !model.isLater;
  const isOwn = (value: ScriptValue, i: number) =>
    (value.is === 'zeros' && isFirst) ||
    (value.is === (i === 0 ? 'tensor' : 'unknown') && isLeft(value, path, made));
  const steps = x.each ?? x.at?.axis;
  const goesOn = begins.every(isOwn) && steps !== undefined && x.axes.length === 2 && isFeatures(x.axes[1]);
  if (!goesOn || !takesSteps({ ...x, axes: [[{ name: steps }], ...x.axes] }, 0, 1, model))
    return unknown(shown(path, name));
  const output: TensorValue = { ...made, cell: path };
  const { at, layers } = output;
  const memory: ScriptValue = {
    is: 'unknown',
    name: 'c_n',
    isState: true,
    cell: path,
    ...(at && { at, layers }),
  };
  return called.className === 'LSTMCell' ? itemsOf(output, memory) : output;
};

/** Whether a cell has left a state at the step before, of the same layers where the loop is taken apart. */
function isLeft(value: ScriptValue, path: string, { at, layers }: TensorValue): boolean {
  if (!('cell' in value) || value.cell !== path) return false;
  return at
    ? value.at?.axis === at.axis && value.at.place === at.place - 1 && isSame(value.layers, layers)
    : value.at === undefined;
}

function layerOf({ className, nonlinearity }: CalledLayer, name: string): DescribedModule {
  const kind = className.replace(/Cell$/, '').toLowerCase() as DescribedKind;
  return { kind, name, ...(nonlinearity && { nonlinearity }) };
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
  return finalOf(first, first.axes.with(at, featuresOf(length && 2 * length)));
}

/** The same where one axis holds the states of one layer, direction by direction. */
export function joinedAxis(x: TensorValue): TensorValue {
  const at = x.axes.findIndex(
    (axis) => axis.length === 2 && axis[0].name === 'states' && axis[1].name === 'features',
  );
  if (at < 0 || x.states?.layers !== 1) return x;
  return finalOf(x, x.axes.with(at, featuresOf(lengthOf(x.axes[at]))));
}

function finalOf(x: TensorValue, axes: readonly Axis[]): TensorValue {
  return behind(x, ['final'], axes);
}

/** A module is named by its path; what has none, by the operator. */
function shown(path: string, name: string): string {
  return path || name;
}
