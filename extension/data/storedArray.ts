import type { Tensor } from '../model/tensor.ts';

/** An array in a file: its header is known, its values are read on demand. */
export interface StoredArray {
  /** The file as the user named it. */
  readonly file: string;
  readonly name: string;
  readonly shape: readonly number[];
  /**
   * Row-major values: integers and truth values as int32, fractions as float32. Throws `UserError`: dataDamaged,
   * arrayDtype, arrayRange (whole numbers beyond 32 bits), tooLarge.
   */
  read(signal?: AbortSignal): Promise<Tensor>;
}
