import { concatenated, gathered } from '../fold/compute.ts';
import { type Folded, isJoined } from '../fold/folded.ts';
import type { ComputedValues } from '../proto.ts';
import type { Source } from '../read/source.ts';
import { numbersOf } from './numbers.ts';

/** What nodes compute of the constants in a file, row-major, each step rounded to float32. Throws `UserError` where one cannot be read. */
export async function computedValues(
  source: Source,
  { operands, compute }: ComputedValues,
): Promise<Float32Array> {
  const values: Float32Array[] = [];
  for (const operand of operands) values.push(await valuesOf(source, operand));
  return compute(values);
}

async function valuesOf(source: Source, folded: Folded): Promise<Float32Array> {
  if (isJoined(folded)) {
    const parts: { values: Float32Array; shape: readonly number[] }[] = [];
    for (const part of folded.parts) parts.push({ values: await valuesOf(source, part), shape: part.shape });
    return concatenated(parts, folded.axis, folded.shape);
  }
  const { tensor, shape, strides, offset } = folded;
  const { values } = tensor;
  const all =
    values.kind === 'computed' ? await computedValues(source, values) : await numbersOf(source, tensor);
  if (!all) throw source.reader.damaged();
  return gathered(all, shape, strides, offset);
}
