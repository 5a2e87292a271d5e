import { type GateView, gather, scatter } from '../model/gateView.ts';
import { type Parameter, readMasked, sizeOf } from '../model/parameter.ts';

/** What a weight does: kernels are penalised by L1 and L2, statistics are never trained. */
export type WeightRole = 'kernel' | 'table' | 'bias' | 'statistic';

/** A weight tensor as an operator wants it, whatever the file's layout, and where its values lie in the file. */
export interface Weight {
  readonly role: WeightRole;
  /** Row-major. */
  readonly shape: readonly number[];
  /** Together they cover every value once; none: all zeros, and not trained. */
  readonly parts: readonly WeightPart[];
}

export interface WeightPart {
  readonly view: GateView;
  /** Where the view's values begin in the weight; they follow each other row by row. */
  readonly at: number;
}

/** A parameter just as it is in the file. */
export function plainWeight(parameter: Parameter, role: WeightRole): Weight {
  const columns = sizeOf(parameter.shape);
  const view: GateView = { parameter, rows: 1, columns, offset: 0, rowStride: columns, columnStride: 1 };
  return { role, shape: parameter.shape, parts: [{ view, at: 0 }] };
}

/** The parameters that a weight's values lie in. */
export function parametersOf({ parts }: Weight): Parameter[] {
  return [...new Set(parts.map(({ view }) => view.parameter))];
}

/** A weight that occurs twice, as in a layer that is applied twice, has one key. */
export function keyOf({ shape, parts }: Weight, idOf: (parameter: Parameter) => number): string {
  const places = parts.map(({ view, at }) => [
    idOf(view.parameter),
    view.rows,
    view.columns,
    view.offset,
    view.rowStride,
    view.columnStride,
    at,
  ]);
  return JSON.stringify([shape, places]);
}

/** Reads a weight's values, trained ones where there are some and masks applied. A fresh array. */
export async function readWeight(weight: Weight): Promise<Float32Array> {
  const values = new Map<Parameter, Float32Array>();
  for (const parameter of parametersOf(weight)) values.set(parameter, await readMasked(parameter));
  return gatherWeight(weight, (parameter) => values.get(parameter) as Float32Array);
}

/** Collects a weight's values from those of the parameters. */
export function gatherWeight(
  { shape, parts }: Weight,
  valuesOf: (parameter: Parameter) => Float32Array,
): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  for (const { view, at } of parts) gather(view, valuesOf(view.parameter), values, at);
  return values;
}

/** Replaces a weight's values that lie in some parameters, in place. */
export function replaceInWeight(
  { parts }: Weight,
  valuesOf: ReadonlyMap<Parameter, Float32Array>,
  weight: Float32Array,
): void {
  for (const { view, at } of parts) {
    const values = valuesOf.get(view.parameter);
    if (values) gather(view, values, weight, at);
  }
}

/** The mask of a weight, 1 = kept; undefined where none of its parameters has one. */
export function gatherMask({ shape, parts }: Weight): Uint8Array | undefined {
  if (parts.every(({ view }) => !view.parameter.mask)) return undefined;
  const mask = new Uint8Array(sizeOf(shape)).fill(1);
  for (const { view, at } of parts) if (view.parameter.mask) gather(view, view.parameter.mask, mask, at);
  return mask;
}

/** Puts a weight's values back to where they lie in the parameters. */
export function scatterWeight(
  { parts }: Weight,
  values: Float32Array,
  targetOf: (parameter: Parameter) => Float32Array,
): void {
  for (const { view, at } of parts) scatter(view, values, targetOf(view.parameter), at);
}
