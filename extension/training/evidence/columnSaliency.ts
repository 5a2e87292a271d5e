import type { GradientResult } from '../../engine/session.ts';
import type { Evidence } from '../../model/evidence.ts';
import { type GateView, turnedView } from '../../model/gateView.ts';
import type { Parameter } from '../../model/parameter.ts';
import { isDiagonal, type RecurrentLayer } from '../../model/recurrentLayer.ts';
import type { MatrixName } from '../../protocol/report.ts';
import type { GradientSum } from './sums.ts';

/** A part of a matrix: one of its gates, or all of it. */
export interface MatrixPart {
  readonly matrixName: string;
  readonly view: GateView;
  /** Absent of what is no recurrent layer's. */
  readonly part?: { readonly layer: RecurrentLayer; readonly matrix: MatrixName };
}

interface Matrix {
  /** Of diagonals the rows as columns. */
  readonly views: GateView[];
  /** [columns] */
  readonly sums: Float64Array;
}

/** E|Σ w · g| over the weights of a column (of a diagonal a row), all gates of the matrix together, and gradients g of single samples. */
export class ColumnSaliency implements GradientSum {
  readonly #matrices = new Map<string, Matrix>();
  readonly #weightsOf: (parameter: Parameter) => Float32Array | undefined;
  #samples = 0;

  /** @param weightsOf present values, 0 where masked */
  constructor(parts: readonly MatrixPart[], weightsOf: (parameter: Parameter) => Float32Array | undefined) {
    this.#weightsOf = weightsOf;
    for (const { matrixName, view: whole, part } of parts) {
      const view = part && isDiagonal(part.layer, part.matrix) ? turnedView(whole) : whole;
      const known = this.#matrices.get(matrixName);
      if (known) known.views.push(view);
      else this.#matrices.set(matrixName, { views: [view], sums: new Float64Array(view.columns) });
    }
  }

  add({ gradients, rows }: Pick<GradientResult, 'gradients' | 'rows'>): void {
    if (rows === 0) return;
    this.#samples++;
    for (const { views, sums } of this.#matrices.values()) {
      const own = new Float64Array(sums.length);
      for (const view of views) {
        const [weights, gradient] = [this.#weightsOf(view.parameter), gradients.get(view.parameter)];
        if (weights && gradient) addProducts(view, weights, gradient, own);
      }
      for (let c = 0; c < own.length; c++) sums[c] += Math.abs(own[c]);
    }
  }

  result(): Evidence {
    const mean = ({ sums }: Matrix) => Float32Array.from(sums, (sum) => sum / Math.max(1, this.#samples));
    return { columnSaliency: new Map([...this.#matrices].map(([name, matrix]) => [name, mean(matrix)])) };
  }
}

/** Adds Σ w · g over each column of a view. */
function addProducts(
  { rows, columns, offset, rowStride, columnStride }: GateView,
  weights: Float32Array,
  gradient: Float32Array,
  sums: Float64Array,
): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0, at = offset + r * rowStride; c < columns; c++, at += columnStride) {
      sums[c] += weights[at] * gradient[at];
    }
  }
}
