/** What may remain of a whole model. */
export interface Budget {
  readonly of: 'parameters' | 'bytes' | 'multiplyAdds';
  readonly most: number;
}

/** How much of a set goes: a share, all below a multiple of its mean magnitude, or as much as a budget asks of the whole model. */
export type Target = { readonly sparsity: number } | { readonly k: number } | { readonly budget: Budget };
