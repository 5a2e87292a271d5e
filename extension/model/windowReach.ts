/** Steps from the first to the last one that a window of `size` steps sees, which are `dilation` apart. */
export function reachOf(size: number, dilation: number): number {
  return (size - 1) * dilation + 1;
}
