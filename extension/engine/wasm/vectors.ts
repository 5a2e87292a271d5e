/** The next multiple of 4: kernels compute whole vectors of four floats. */
export function ceil4(n: number): number {
  return Math.ceil(n / 4) * 4;
}
