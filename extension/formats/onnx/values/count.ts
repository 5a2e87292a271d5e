/** How many values a tensor of these lengths has; undefined where a length is negative, or there are more than a file can hold. */
export function countOf(dims: readonly number[]): number | undefined {
  const count = dims.reduce((product, n) => (n >= 0 ? product * n : Number.NaN), 1);
  return Number.isSafeInteger(count) ? count : undefined;
}
