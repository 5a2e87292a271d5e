import type { budgetKeys } from '../protocol/recipeRules.ts';

/** What may remain of a whole model: nonzero weights, their bytes, or multiply-adds with them. */
export interface Budget {
  readonly key: (typeof budgetKeys)[number];
  readonly most: number;
}

/** How much of a set goes: a share, all below a multiple of its mean magnitude, or as much as a budget asks of the whole model. */
export type Target = { readonly sparsity: number } | { readonly k: number } | { readonly budget: Budget };
