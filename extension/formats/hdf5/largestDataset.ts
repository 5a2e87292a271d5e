import { byteSize, type Parameter, sizeOf } from '../../model/parameter.ts';
import { UserError } from '../../protocol/userError.ts';

/** Largest tensor that the library's 32-bit memory can hold beside its own; what is larger could be read, but not be written. */
const largestDataset = 1.5 * 2 ** 30;

/** Bytes of a dataset. Throws `UserError` tooLarge. */
export function checkSize(
  { shape, dtype }: Pick<Parameter, 'shape' | 'dtype'>,
  path: string,
  shownAs: string,
): number {
  const needed = sizeOf(shape) * byteSize[dtype];
  if (needed <= largestDataset) return needed;
  throw new UserError('tooLarge', { file: shownAs, what: path, needed, limit: largestDataset });
}
