import { type DescribedLayer, type DescribedWord, recurrentKinds } from '../../protocol/modelDescription.ts';
import { type CalledLayer, calledLayer } from './scriptOperands.ts';
import type { Axis, AxisName, ScriptValue, TensorValue, WindowsName } from './scriptValues.ts';

/** What operators need to know of the model whose code it is. */
export interface ScriptModel {
  /** The name of the layer that has these weights and no others; undefined where there is none. */
  layerOf(layer: CalledLayer): string | undefined;
  /** Of a weight. */
  shapeOf(name: string): readonly number[] | undefined;
  /** Within a loop over all steps, behind its first turn: states are what the turn before has left. */
  isLater: boolean;
  /** The number of the loop over steps that is gone through; 0 of none. */
  loop: number;
  /** The input's axis of the steps; undefined until a recurrent layer says it. */
  steps: AxisName | undefined;
  /** Steps of which windows have left another number, by what they went over. */
  readonly windows: Map<string, WindowsName>;
}

/** What the modules of an archive are beside their code. */
export interface ScriptFacts {
  layerOf: ScriptModel['layerOf'];
  shapeOf: ScriptModel['shapeOf'];
  /** All of a module, in the order of its class. */
  weightsOf(path: string): readonly string[];
  /** A module's plain attribute. */
  optionOf(path: string, name: string): unknown;
  /** What the code calls constants: whole numbers of no axes by their values. */
  readonly integers: ReadonlyMap<string, number>;
}

/** What an operator makes of a value. `name` is that of the operator, by which is named what is more than a layer. */
export type Layer = (
  x: TensorValue,
  args: readonly ScriptValue[],
  name: string,
  model: ScriptModel,
) => ScriptValue;

/** The layer that a call computes, with the name that it has in the file; undefined where it has none. */
export function layerIn(
  name: string,
  args: readonly ScriptValue[],
  model: ScriptModel,
): (CalledLayer & { readonly path: string; shapeOf(weight: string): readonly number[] }) | undefined {
  const called = calledLayer(operatorIn(name), args);
  const path = called && model.layerOf(called);
  if (!called || path === undefined) return undefined;
  return { ...called, path, shapeOf: (weight) => model.shapeOf(called.weights.get(weight) ?? '') ?? [] };
}

/** The value behind one layer more. */
export function behind(x: TensorValue, layers: readonly DescribedLayer[], axes = x.axes): TensorValue {
  const { moved, each, at } = x;
  const last = layers.at(-1);
  const by = typeof last === 'object' && 'kind' in last && last.name;
  return {
    is: 'tensor',
    layers: [...x.layers, ...layers],
    axes,
    ...(moved && { moved }),
    ...(each && { each }),
    ...(at && { at }),
    ...(by && { by }),
  };
}

/** Whether no recurrent layer has gone over the steps yet. */
export function isBeforeSteps({ layers }: TensorValue): boolean {
  return !layers.some(
    (layer) =>
      typeof layer === 'object' && 'kind' in layer && recurrentKinds.some((kind) => kind === layer.kind),
  );
}

/** Steps that are summed up to one, whose axis goes. */
export function summedUp(x: TensorValue, at: number, word: DescribedWord, keepsAxis: boolean): TensorValue {
  const axes = keepsAxis ? x.axes.with(at, []) : x.axes.toSpliced(at, 1);
  return behind(x, [word], axes);
}

export function isSteps(axis: Axis | undefined, { steps }: Pick<ScriptModel, 'steps'>): boolean {
  return axis?.length === 1 && steps !== undefined && (axis[0].name === steps || isWindows(axis[0].name));
}

/** Whether an axis has the steps that windows have left. */
function isWindows(name: AxisName | undefined): boolean {
  return name?.startsWith('w') === true;
}

/** The steps that windows or slices leave of others: the same ones leave as many. */
export function stepsBehind(before: AxisName, by: string, { windows }: ScriptModel): AxisName {
  const key = `${before} ${by}`;
  const name = windows.get(key) ?? (`w${windows.size}` as const);
  windows.set(key, name);
  return name;
}

/** Whether steps and samples are where a layer takes them to be: one axis of the input each, and always the same. */
export function takesSteps(
  { axes }: TensorValue,
  stepsAt: number,
  samplesAt: number,
  model: ScriptModel,
): boolean {
  const [own, samples] = [axes[stepsAt], axes[samplesAt]].map((axis) =>
    axis.length === 1 ? axis[0].name : undefined,
  );
  const steps = isWindows(own) ? model.steps : own;
  const areInput = [steps, samples].toSorted().join() === 'a0,a1';
  if (!areInput || (model.steps !== undefined && model.steps !== steps)) return false;
  model.steps = steps;
  return true;
}

export function isFeatures(axis: Axis | undefined): boolean {
  return axis?.length === 1 && (axis[0].name === 'features' || axis[0].name === 'a2');
}

/** Without the mark of operators that work in place. */
export function operatorIn(name: string): string {
  return name.replace(/^(?:torch|ops\.(?:prim|aten))\./, '').replace(/(?<!_)_$/, '');
}
