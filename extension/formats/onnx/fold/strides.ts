import { sizeOf } from '../../../model/parameter.ts';

export function rowMajorStrides(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/**
 * The strides of the same values in another shape of as many values; undefined where none can say it. Axes of the two shapes are
 * matched from the left in groups of equal size; inside a group the old axes must lie like one.
 */
export function reshapedStrides(
  from: readonly number[],
  strides: readonly number[],
  to: readonly number[],
): number[] | undefined {
  if (sizeOf(to) === 0) return rowMajorStrides(to);
  const old = from.map((length, k) => ({ length, stride: strides[k] })).filter(({ length }) => length > 1);
  const result: number[] = Array(to.length).fill(1);
  for (let i = 0, k = 0; i < old.length; ) {
    const [firstOld, firstNew] = [i, k];
    let [oldSize, newSize] = [old[i++].length, to[k++]];
    while (oldSize !== newSize) {
      if (oldSize < newSize) oldSize *= old[i++].length;
      else newSize *= to[k++];
    }
    for (let j = firstOld; j < i - 1; j++)
      if (old[j].stride !== old[j + 1].length * old[j + 1].stride) return undefined;
    let stride = old[i - 1].stride;
    for (let j = k - 1; j >= firstNew; j--) {
      result[j] = stride;
      stride *= to[j];
    }
  }
  return result;
}
