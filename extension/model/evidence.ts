import type { Parameter } from './parameter.ts';
import type { RecurrentLayer } from './recurrentLayer.ts';

/**
 * What data tells of a model's weights beside their values; whoever judges weights says which of it he needs. Arrays of a parameter are in
 * its own layout.
 */
export interface Evidence {
  /** Gradient of the mean loss, the mean over batches. */
  readonly gradient?: ReadonlyMap<Parameter, Float32Array>;
  /** E[g²] over the gradients g of single samples. */
  readonly squaredGradient?: ReadonlyMap<Parameter, Float32Array>;
  /** −Σ w · g over the steps of a training so far. */
  readonly movement?: ReadonlyMap<Parameter, Float32Array>;
  /** √E[x²] of each column's input over samples and unmasked steps, [columns], by the name of the matrix; of diagonals [rows]. */
  readonly inputNorms?: ReadonlyMap<string, Float32Array>;
  /**
   * E|Σ w · g| over the weights of each column and the gradients g of single samples, [columns], by the name of the matrix; of diagonals
   * over those of each row, [rows].
   */
  readonly columnSaliency?: ReadonlyMap<string, Float32Array>;
  readonly units?: ReadonlyMap<RecurrentLayer, UnitActivity>;
}

export type EvidenceKind = keyof Evidence;

/** What a layer's hidden units put out over samples and unmasked steps; [H] each. */
export interface UnitActivity {
  /** E|h| */
  readonly meanAbsolute: Float32Array;
  /** E[h²] − E[h]² */
  readonly variance: Float32Array;
  /** Share of steps at which |h| is near zero. */
  readonly nearZero: Float32Array;
}

/** By which evidence about one matrix of a layer, or about any other weight tensor, is found. */
export function matrixName(layer: { readonly name: string }, matrix: string): string {
  return `${layer.name}/${matrix}`;
}
