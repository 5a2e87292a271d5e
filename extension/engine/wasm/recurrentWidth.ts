/** Samples that sparse products take at a time, and dense ones. */
const widest = { sparse: 32, dense: 8 } as const;

/**
 * Samples in a panel. A thread takes whole panels, so that there should be one for each; results do not depend on it. One
 * sample alone is computed along the units instead, where those are whole vectors.
 * @param sparse whether both matrices are
 */
export function panelWidth(batch: number, units: number, threads: number, sparse: boolean): number {
  if (batch === 1 && units % 4 === 0) return 1;
  const vectors = Math.max(1, Math.ceil(batch / 4));
  const share = 4 * Math.ceil(vectors / threads);
  return Math.min(share, share <= 12 ? 12 : sparse ? widest.sparse : widest.dense);
}
