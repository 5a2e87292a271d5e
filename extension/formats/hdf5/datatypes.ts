import type { FloatType } from '../../model/parameter.ts';

/** HDF5's numbers of the classes of types that weights may have. */
const [integer, float, opaque] = [0, 1, 5];

/**
 * The type of weights; undefined of what holds none.
 * @param type class and size of the elements
 * @param named the attribute `dtype` of the dataset: h5py stores NumPy's bfloat16 as opaque pairs of bytes, Keras as integers
 */
export function floatTypeOf(
  { class: kind, size }: { readonly class: number; readonly size: number },
  named: unknown,
): FloatType | undefined {
  const pairs = size === 2 && (kind === integer || kind === opaque);
  if (pairs && named === 'bfloat16') return 'bfloat16';
  if (kind !== float) return undefined;
  return ({ 2: 'float16', 4: 'float32', 8: 'float64' } as const)[size];
}
