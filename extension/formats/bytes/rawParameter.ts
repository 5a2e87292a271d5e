import { open } from 'node:fs/promises';
import { byteSize, type Parameter, sizeOf } from '../../model/parameter.ts';
import { checkTrained } from '../checkTrained.ts';
import type { FileBytes } from './fileBytes.ts';
import { partReader } from './partReader.ts';
import { readValues } from './readValues.ts';
import { putEdit } from './values.ts';
import { readWhole, writeWhole } from './wholeCalls.ts';

/** A parameter whose values lie little-endian and row-major in one place of a file. */
export interface RawParameter extends Parameter {
  /** Byte of its first value. */
  readonly at: number;
}

/** What a format says of such a parameter; its bytes are read when its values are asked for. */
export function rawParameter({
  file,
  ...parameter
}: Omit<RawParameter, 'read'> & { readonly file: FileBytes }): RawParameter {
  const read = () => readValues(file, parameter.at, parameter);
  const part = partReader(parameter, (bytes, at) => file.readInto(bytes, parameter.at + at));
  return { ...parameter, read, ...part };
}

/** Bytes of all values. */
export function bytesOf({ shape, dtype }: Pick<Parameter, 'shape' | 'dtype'>): number {
  return sizeOf(shape) * byteSize[dtype];
}

/** Puts a parameter's trained values, and 0 for masked ones, into its bytes. Throws `UserError` trainedNotFinite. */
export async function editBytes(parameter: Parameter, bytes: Uint8Array, shownAs: string): Promise<void> {
  const { mask, trained: values } = parameter;
  await checkTrained(parameter, shownAs);
  putEdit({ ...(values && { values }), ...(mask && { mask }) }, bytes, parameter);
}

/**
 * Puts trained weights, and 0 for masked ones, into a file that has the original's layout, one parameter at a time; every other byte stays.
 * Throws `UserError` trainedNotFinite.
 */
export async function editRaw(
  path: string,
  parameters: readonly RawParameter[],
  shownAs: string,
  step?: () => Promise<void>,
): Promise<void> {
  const file = await open(path, 'r+');
  try {
    for (const parameter of parameters) {
      await step?.();
      if (!parameter.mask && !parameter.trained) continue;
      const { at } = parameter;
      const bytes = Buffer.alloc(bytesOf(parameter));
      await readWhole(file, bytes, at);
      await editBytes(parameter, bytes, shownAs);
      await writeWhole(file, bytes, at);
    }
  } finally {
    await file.close();
  }
}
