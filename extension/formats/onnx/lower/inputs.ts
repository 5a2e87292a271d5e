import type { GraphInput } from '../../../model/graph.ts';
import type { OnnxGraph, OnnxValue } from '../proto.ts';
import { dataTypes } from '../proto.ts';
import { freeLength, type Length } from './lengths.ts';
import type { Lowering } from './lowering.ts';
import { type FlowAxis, flowOf, type Place } from './values.ts';

/** Which axis of a graph input is the batch; undefined: none, the input is one sample. */
export type Batches = ReadonlyMap<string, number | undefined>;

/** What a model is fed: inputs that are no initializers, as old files list those, too. */
export function fedInputs({ inputs, initializers }: OnnxGraph): OnnxValue[] {
  return inputs.filter(({ name }) => !initializers.has(name));
}

/** Where the batch is by the names of the axes, else the first axis. */
export function likelyBatches(inputs: readonly OnnxValue[]): Map<string, number | undefined> {
  const isName = (dim: unknown) => typeof dim === 'string' && /batch|^n$|^b$|^bs$|samples?$/i.test(dim);
  const named = inputs.flatMap(({ dims }) => dims?.filter(isName) ?? []);
  return new Map(
    inputs.map(({ name, dims = [] }) => {
      const at = dims.findIndex((dim) => isName(dim) || (dim !== null && named.includes(dim)));
      return [name, at === -1 ? 0 : at];
    }),
  );
}

const integers: readonly number[] = [
  dataTypes.int32,
  dataTypes.int64,
  dataTypes.int16,
  dataTypes.int8,
  dataTypes.uint8,
];

/** What is known of a model's inputs besides what the file says of them. */
export interface InputAxes {
  readonly batches: Batches;
  /** Lengths that the file leaves free, and that fit nothing else. */
  readonly lengths: ReadonlyMap<string, number>;
}

/** Sets the graph's inputs, batch first; the other axes stay in their order. */
export function addInputs(
  lowering: Lowering,
  inputs: readonly OnnxValue[],
  { batches, lengths: known }: InputAxes,
): void {
  for (const { name, dims = [] } of inputs) {
    const lengths = dims.map((dim, axis): Length => {
      if (typeof dim === 'number') return dim;
      const length = freeName(name, dim, axis);
      return known.get(length) ?? freeLength(length);
    });
    const batch = batches.get(name);
    const order = lengths.flatMap((_, axis) => (axis === batch ? [] : [axis]));
    const place = (axis: number): Place => ({ length: lengths[axis], from: { input: name, axis } });
    const first: Place = batch === undefined ? { length: 1 } : place(batch);
    const value = lowering.emitter.input(name, [first, ...order.map(place)]);
    const axes = lengths.map(
      (length, axis): FlowAxis => ({ parts: [axis === batch ? 0 : order.indexOf(axis) + 1], length }),
    );
    lowering.set(name, flowOf([value], axes));
  }
}

/** Whether a free length is one of an input, and nowhere its batch. */
export function canBeSet(length: string, inputs: readonly OnnxValue[], batches: Batches): boolean {
  const axes = inputs.flatMap(({ name, dims = [] }) =>
    dims.flatMap((dim, axis) =>
      typeof dim !== 'number' && freeName(name, dim, axis) === length ? [{ name, axis }] : [],
    ),
  );
  return axes.length > 0 && axes.every(({ name, axis }) => batches.get(name) !== axis);
}

function freeName(input: string, dim: string | null, axis: number): string {
  return dim ?? `${input}, axis ${axis}`;
}

/** The inputs as our graph has them: an input that feeds an embedding holds ids. */
export function graphInputs(lowering: Lowering, inputs: readonly OnnxValue[]): GraphInput[] {
  return inputs.map(({ name, dataType }): GraphInput => {
    const shape = lowering.emitter
      .shape(name)
      .map(({ length }, axis) => (axis === 0 || typeof length !== 'number' ? null : length));
    const tables = lowering.emitter.nodes.flatMap((node) =>
      node.op === 'Gather' && node.inputs[0] === name ? [node.table.shape[0]] : [],
    );
    if (tables.length > 0) return { name, shape, dtype: 'int32', vocabulary: Math.min(...tables) };
    const whole = dataType !== undefined && integers.includes(dataType);
    return { name, shape, dtype: whole ? 'int32' : 'float32' };
  });
}
