import { type Parameter, readMasked, sizeOf } from '../../model/parameter.ts';
import { type KeptIndices, keepOf, keptShape } from '../../model/shrinking.ts';
import { putEdit } from '../bytes/values.ts';
import { checkTrained } from '../checkTrained.ts';
import { storedAs } from './manifest.ts';
import type { OpenedGroup } from './shardArrays.ts';
import type { StoredWeight } from './storedWeights.ts';

/** What becomes of a tensor that is written. */
export interface WeightChange {
  readonly parameter?: Parameter | undefined;
  /** What stays of it; all where it is absent. */
  readonly kept?: KeptIndices | undefined;
}

/** Whether a parameter gets other values than the file's. */
export function isEdited({ parameter }: WeightChange): boolean {
  return parameter !== undefined && (parameter.mask !== undefined || parameter.trained !== undefined);
}

/** Whether a tensor must leave its integers, because none of them stands for 0. */
export function becomesFloat(weight: StoredWeight, change: WeightChange): boolean {
  return isEdited(change) && storedAs(weight) === 'zeroless';
}

/** Bytes that a tensor takes after the change. */
export function changedBytes(weight: StoredWeight, change: WeightChange): number {
  const { shape, bytes } = weight;
  const before = sizeOf(shape);
  const after = change.kept ? sizeOf(keptShape(shape, change.kept)) : before;
  if (becomesFloat(weight, change)) return 4 * after;
  return before === 0 ? bytes : (bytes / before) * after;
}

/** The bytes of a tensor after the change, in order. Throws `UserError` trainedNotFinite. */
export async function* bytesAfter(
  { bytes: group }: OpenedGroup,
  weight: StoredWeight,
  change: WeightChange,
  shownAs: string,
): AsyncGenerator<Uint8Array> {
  const { at, bytes: length, shape } = weight;
  const { parameter, kept } = change;
  if (!isEdited(change) && !kept) {
    yield* group.pieces(at, length);
    return;
  }
  const edited =
    parameter && isEdited(change)
      ? await editedBytes(weight, parameter, () => group.read(at, length), shownAs)
      : await group.read(at, length);
  yield kept ? keepOf(edited, shape, kept, edited.length / Math.max(sizeOf(shape), 1)) : edited;
}

async function editedBytes(
  weight: StoredWeight,
  parameter: Parameter,
  read: () => Promise<Buffer>,
  shownAs: string,
): Promise<Uint8Array> {
  await checkTrained(parameter, shownAs);
  const stored = storedAs(weight);
  if (!stored || stored === 'zeroless') {
    const values = await readMasked(parameter);
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  }
  const { mask, trained: values } = parameter;
  const bytes = await read();
  putEdit({ ...(values && { values }), ...(mask && { mask }) }, bytes, stored);
  return bytes;
}
