import { type Parameter, readMasked } from '../model/parameter.ts';
import { UserError } from '../protocol/userError.ts';

/** What training left must be finite, and stay so in the file's type: a float16 ends at 65504. Throws trainedNotFinite. */
export async function checkTrained(parameter: Parameter, file: string): Promise<void> {
  if (!parameter.trained || (await readMasked(parameter)).every(Number.isFinite)) return;
  throw new UserError('trainedNotFinite', { file, parameter: parameter.name, dtype: parameter.dtype });
}
