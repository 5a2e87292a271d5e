import type { OptimizerName } from '../protocol/recipe.ts';

/** The update rules, with the names, formulas and defaults of keras.optimizers (Keras 3.15). */
export type OptimizerSettings =
  /** Kingma & Ba 2015: m ← β1 m + (1−β1) g, v ← β2 v + (1−β2) g², w ← w − η √(1−β2ᵗ)/(1−β1ᵗ) m / (√v + ε). */
  | {
      readonly name: 'adam';
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
    }
  /** With momentum μ: m ← μ m − η g, w ← w + m, or with nesterov w ← w + μ m − η g. */
  | { readonly name: 'sgd'; readonly momentum: number; readonly nesterov: boolean }
  /** Tieleman & Hinton 2012: v ← ρ v + (1−ρ) g², w ← w − η g / √(v + ε); with momentum m ← μ m + η g/√(v + ε), w ← w − m. */
  | { readonly name: 'rmsprop'; readonly rho: number; readonly momentum: number; readonly epsilon: number };

/** What keras.optimizers takes where nothing is said. */
export const optimizerDefaults = {
  adam: { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  sgd: { name: 'sgd', momentum: 0, nesterov: false },
  rmsprop: { name: 'rmsprop', rho: 0.9, momentum: 0, epsilon: 1e-7 },
} as const satisfies Record<OptimizerName, OptimizerSettings>;
