import type { DescribedLayer } from '../../protocol/modelDescription.ts';

/**
 * The axes of a model's input by their places, where `a2` are its features, features that layers put out, the states of layers and
 * directions, and steps of which windows have left another number.
 */
export type AxisName = 'a0' | 'a1' | 'a2' | 'features' | 'states' | WindowsName;
export type WindowsName = `w${number}`;

/** What is along one axis: nothing where its length is 1, several where they were joined. */
export type Axis = readonly { readonly name: AxisName; readonly length?: number | undefined }[];

/** What the layers before put out. */
export interface TensorValue {
  readonly is: 'tensor';
  readonly layers: readonly DescribedLayer[];
  readonly axes: readonly Axis[];
  /** The last operator that moved its axes, and the last operator or module of all: words for people. */
  readonly moved?: string;
  readonly by?: string;
  /** Final states of several layers or directions, which are no output yet: all of them, or the one that was picked. */
  readonly states?: {
    readonly layers: number;
    readonly directions: number;
    readonly picked?: number;
    /** Of one direction's outputs: all steps, or what was picked. */
    readonly half?: 0 | 1;
  };
  /** Outputs of both directions side by side, of so many units each, or one step of them. */
  readonly both?: { readonly units: number; readonly step?: number };
  /** As a recurrent layer returns it beside its outputs. */
  readonly isState?: true;
  /** One step of a loop over this axis. */
  readonly each?: AxisName;
  /** One step, by its place, of what no recurrent layer has gone over yet. */
  readonly at?: StepPlace;
  /** The cell whose state it is. */
  readonly cell?: string;
}

export interface StepPlace {
  readonly axis: AxisName;
  readonly place: number;
}

/** What is known of a value in TorchScript's code. */
export type ScriptValue =
  | TensorValue
  /** What was computed otherwise than by layers behind each other, by the operator or the value that it came from. */
  | ({ readonly is: 'unknown'; readonly name: string; readonly isState?: true } & Pick<
      TensorValue,
      'cell' | 'at'
    > &
      Partial<Pick<TensorValue, 'layers'>>)
  | { readonly is: 'zeros' }
  /** A parameter, buffer or constant by its name. */
  | { readonly is: 'weight'; readonly name: string }
  | NumberValue
  | { readonly is: 'truth'; readonly value?: boolean | undefined }
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'none' | 'other' }
  /** A tuple or a list, and what goes through all of it takes (`extentOf`). */
  | { readonly is: 'items'; readonly items: readonly ScriptValue[]; readonly size: number }
  | SlicesValue
  | CollectedValue
  | { readonly is: 'module'; readonly path: string; readonly type: string }
  | { readonly is: 'function'; readonly name: string };

/** A list of what a tensor has at each place of an axis, in their order. */
export interface SlicesValue {
  readonly is: 'slices';
  readonly of: TensorValue;
  readonly at: number;
}

/** Within a loop over an axis a list that was empty before it: what each turn adds, and whether this one has. */
export interface CollectedValue {
  readonly is: 'collected';
  readonly axis: AxisName;
  readonly loop: number;
  readonly each?: TensorValue;
  readonly isAdded: boolean;
}

/** A number, which may be known, or the length of an axis and something more, or what counts along one in a loop. */
export interface NumberValue {
  readonly is: 'number';
  readonly value?: number | undefined;
  readonly axis?: AxisName;
  readonly more?: number;
  readonly isEach?: true;
}

export const none: ScriptValue = { is: 'none' };
export const other: ScriptValue = { is: 'other' };
export const zeros: ScriptValue = { is: 'zeros' };

export function unknown(name: string): ScriptValue {
  return { is: 'unknown', name };
}

export function numberOf(value?: number): NumberValue {
  return { is: 'number', value };
}

export function truthOf(value?: boolean): ScriptValue {
  return { is: 'truth', value };
}

/** No code that PyTorch writes has lists nearly as long: a list of lists of lists could be any number. */
const mostItems = 5000;

/** How much there is of a value: itself, what is in it at any depth, and the layers of each. */
export function extentOf(value: ScriptValue): number {
  if (value.is === 'items') return value.size;
  const tensor = value.is === 'slices' ? value.of : value.is === 'collected' ? value.each : value;
  return 1 + (tensor?.is === 'tensor' ? tensor.layers.length : 0);
}

export function itemsOf(...items: ScriptValue[]): ScriptValue {
  const size = items.reduce((sum, item) => sum + extentOf(item), 1);
  return size > mostItems ? unknown('[]') : { is: 'items', items, size };
}

/** The first of what is unknown in a value, at any depth. */
export function unknownIn(value: ScriptValue): Extract<ScriptValue, { is: 'unknown' }> | undefined {
  if (value.is === 'unknown') return value;
  if (value.is !== 'items') return undefined;
  for (const item of value.items) {
    const found = unknownIn(item);
    if (found) return found;
  }
  return undefined;
}

/** Whether two values are the same, whatever is said of how they came about. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [own, others] = [a, b] as Record<string, unknown>[];
  for (const key in own) if (!isSaid(key) && !isSame(own[key], others[key])) return false;
  for (const key in others) if (!isSaid(key) && !(key in own) && others[key] !== undefined) return false;
  return true;
}

function isSaid(key: string): boolean {
  return key === 'moved' || key === 'by';
}

/** A number where that is known. */
export function numberIn(value: ScriptValue | undefined): number | undefined {
  return value?.is === 'number' ? value.value : undefined;
}

/** Whether it is known to be True. */
export function isTrue(value: ScriptValue | undefined): boolean {
  return value?.is === 'truth' && value.value === true;
}

/** Whether it is known to be False; what is not known is neither. */
export function isFalse(value: ScriptValue | undefined): boolean {
  return value?.is === 'truth' && value.value === false;
}

/** The axis of so many features that a layer puts out. */
export function featuresOf(length: number | undefined): Axis {
  return [{ name: 'features', length }];
}

/** All numbers of a list, or the one that stands alone; undefined where some are not known. */
export function numbersIn(value: ScriptValue | undefined): number[] | undefined {
  const numbers = (value?.is === 'items' ? value.items : value ? [value] : []).map(numberIn);
  return numbers.every((n) => n !== undefined) ? numbers : undefined;
}

/** What stands in code as such. */
export function literal(value: number | boolean | string | null): ScriptValue {
  if (value === null) return none;
  if (typeof value === 'number') return numberOf(value);
  return typeof value === 'boolean' ? truthOf(value) : { is: 'text', text: value };
}

/** Of a constant among a class's attributes. */
export function constantOf(text: string): number | boolean | string {
  if (text === 'True' || text === 'False') return text === 'True';
  return text.startsWith('"') ? text : Number(text);
}
