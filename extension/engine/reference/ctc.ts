/**
 * −log of the probability of labels [U] from logits z [T][C] by the formulas of Graves et al. ("Connectionist Temporal Classification",
 * 2006): α and β of all states l′, blanks (class 0) around the labels, as logarithms.
 */
export function ctcReference(
  z: readonly (readonly number[])[],
  labels: readonly number[],
): { readonly loss: number; readonly gradient: number[][] } {
  const y = z.map((row) => row.map((value) => value - logSum(row)));
  const states = [0, ...labels.flatMap((label) => [label, 0])];
  const before = (s: number) =>
    s > 1 && states[s] !== 0 && states[s] !== states[s - 2] ? [s, s - 1, s - 2] : [s, s - 1];
  const after = (s: number) => states.flatMap((_, later) => (before(later).includes(s) ? [later] : []));
  const [T, S] = [z.length, states.length];

  // Of all that leads to a state, what it puts out at that step included.
  const alpha = y.map(() => states.map(() => Number.NEGATIVE_INFINITY));
  for (let t = 0; t < T; t++)
    for (let s = 0; s < S; s++) {
      const come =
        t === 0
          ? s < 2
            ? 0
            : Number.NEGATIVE_INFINITY
          : logSum(before(s).map((from) => alpha[t - 1][from] ?? Number.NEGATIVE_INFINITY));
      alpha[t][s] = come + y[t][states[s]];
    }
  // Of all that leads from it to the end, without that.
  const beta = y.map(() => states.map((_, s) => (s < S - 2 ? Number.NEGATIVE_INFINITY : 0)));
  for (let t = T - 2; t >= 0; t--)
    for (let s = 0; s < S; s++)
      beta[t][s] = logSum(after(s).map((to) => beta[t + 1][to] + y[t + 1][states[to]]));

  const all = logSum(alpha[T - 1].slice(-2));
  const gradient = y.map((row, t) =>
    row.map((value, k) => {
      const through = states.flatMap((label, s) => (label === k ? [alpha[t][s] + beta[t][s] - all] : []));
      return Math.exp(value) - through.reduce((sum, one) => sum + Math.exp(one), 0);
    }),
  );
  return { loss: -all, gradient };
}

function logSum(values: readonly number[]): number {
  const top = Math.max(...values);
  if (top === Number.NEGATIVE_INFINITY) return top;
  return top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0));
}
