import type { Model } from '../model/model.ts';
import { type Parameter, readMasked } from '../model/parameter.ts';
import { keepOf, type Shrinking } from '../model/shrinking.ts';
import { UserError } from '../protocol/userError.ts';
import { breathe, type JobContext } from './context.ts';

/**
 * Compares what was written with what was meant: every parameter equals the original's, or its trained values as the
 * file's type rounds them, with its mask applied; so masked weights are 0 and what was not trained keeps its bits; of a model that lost
 * units, what stays of it. Throws verificationFailed naming the parameter.
 * @param output names the file in the message
 */
export async function verifyWritten(
  original: Model,
  written: Model,
  output: string,
  context: JobContext,
  shrinking?: Shrinking,
): Promise<void> {
  const found = new Map(written.parameters.map((parameter) => [parameter.name, parameter]));
  for (const parameter of original.parameters) {
    await breathe(context);
    const other = found.get(parameter.name);
    if (!other || !(await equal(parameter, other, shrinking))) {
      throw new UserError('verificationFailed', { file: output, parameter: parameter.name });
    }
  }
}

async function equal(meant: Parameter, written: Parameter, shrinking?: Shrinking): Promise<boolean> {
  const kept = shrinking?.parameters.get(meant.name);
  const values = await readMasked(meant);
  const a = bitsOf(kept ? keepOf(values, meant.shape, kept) : values);
  const b = bitsOf(await written.read());
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}
