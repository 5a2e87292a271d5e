/** What a set's weights are judged by. */
export interface SetWeights {
  /** Weights of the set in canonical order. */
  readonly values: Float32Array;
}

/** A share of the set, or a multiple of its mean magnitude. */
export type Target = { readonly sparsity: number } | { readonly k: number };

/** Scores weights and decides how many of a set go. A file a criterion. */
export interface Criterion {
  /** One non-negative score a weight; the lowest go first. */
  scores(weights: SetWeights): Float32Array;
  /** How many weights of the set the target prunes. */
  count(scores: Float32Array, target: Target): number;
}
