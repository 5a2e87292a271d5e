import type { Cell, Direction, GateMatrix, GateName, MatrixName } from '../protocol/report.ts';
import type { GateView } from './gateView.ts';

/** The gates of each cell in canonical order, the order in which ties are broken and the engine computes. */
export const gatesOf = {
  LSTM: ['i', 'f', 'c', 'o'],
  GRU: ['z', 'r', 'h'],
  RNN: ['h'],
} as const satisfies Record<Cell, readonly GateName[]>;

/** The gate whose zero row keeps a hidden unit at 0 for ever (from a zero initial state, activation(0) = 0). */
export const candidateGate = { LSTM: 'c', GRU: 'h', RNN: 'h' } as const satisfies Record<Cell, GateName>;

export const gateMatrices = ['kernel', 'recurrent'] as const satisfies readonly GateMatrix[];

/** One gate of a layer: views into the file's parameters. */
export interface Gate {
  readonly name: GateName;
  /** [H, I] */
  readonly kernel: GateView;
  /** [H, H], or [H, P] with a projection; [H, 1] where the layer is diagonal. */
  readonly recurrent: GateView;
  /** [H, A], of all gates or none: what a second sequence is multiplied with (TensorFlow Lite's auxiliary input). */
  readonly auxiliary?: GateView;
  /** [H, 1] each; their sum is the bias. GRU with reset after keeps them apart: input bias, then recurrent bias. */
  readonly biases: readonly GateView[];
  /** [H, 1], of i, f and o of an LSTM: what the gate sees of the cell state. Counts as bias. */
  readonly peephole?: GateView;
  /**
   * [H, 1], of an LSTM: what the products and the peephole add up to is brought to mean 0 and variance 1 over the units, times this, before
   * the bias is added, of which there is one at most (layer normalization, Ba et al. 2016, as TensorFlow Lite has it).
   */
  readonly normalization?: GateView;
}

/** Added to the variance of what is normalised in a gate (TensorFlow Lite). */
export const gateEpsilon = 1e-8;

/** One direction of one recurrent layer. */
export interface RecurrentLayer {
  /** Unique; both directions of a bidirectional layer end in `/forward` and `/backward`. */
  readonly name: string;
  readonly cell: Cell;
  readonly direction: Direction;
  /** I */
  readonly inputSize: number;
  /** H */
  readonly hiddenSize: number;
  /** In canonical order. An LSTM without an input gate lets in what its forget gate lets go: i = 1 − f (TensorFlow Lite). */
  readonly gates: readonly Gate[];
  /** Of an LSTM, [P, H]: what is put out, and read at the next step, is the projection of the hidden units' outputs. */
  readonly projection?: GateView;
  /** [P, 1], added to the projection. */
  readonly projectionBias?: GateView;
  /** Each unit reads of the step before nothing but itself: of the recurrent matrices there are the diagonals (TensorFlow Lite's LSTM). */
  readonly diagonal?: boolean;
  /** The candidate's and output's activation maps 0 to 0, so that a unit can be dead. */
  readonly zeroPreserving: boolean;
}

/** Width of what a layer puts out and reads of itself at the next step: P with a projection, H without. */
export function outputSize({
  projection,
  hiddenSize,
}: Pick<RecurrentLayer, 'projection' | 'hiddenSize'>): number {
  return projection?.rows ?? hiddenSize;
}

/** Width of the second sequence that a layer, or any of its gates, reads; 0: none does. */
export function auxiliarySize({ gates }: Pick<RecurrentLayer, 'gates'>): number {
  return gates.find(({ auxiliary }) => auxiliary)?.auxiliary?.columns ?? 0;
}

/** Columns of a layer's recurrent matrices. */
export function recurrentColumns(
  layer: Pick<RecurrentLayer, 'projection' | 'hiddenSize' | 'diagonal'>,
): number {
  return layer.diagonal ? 1 : outputSize(layer);
}

/** Whether a matrix of a layer is a diagonal, whose rows each are multiplied with a unit's own output. */
export function isDiagonal({ diagonal }: Pick<RecurrentLayer, 'diagonal'>, matrix: MatrixName): boolean {
  return diagonal === true && matrix === 'recurrent';
}

/** Whether what is added in a layer is added behind a normalization of its gates. */
export function isNormalized({ gates }: Pick<RecurrentLayer, 'gates'>): boolean {
  return gates.some(({ normalization }) => normalization);
}

/** What is added in a layer, or seen by single weights: biases, peepholes, and the bias of a projection. */
export function biasViews({ gates, projectionBias }: RecurrentLayer): GateView[] {
  const own = gates.flatMap(({ biases, peephole }) => [...biases, ...(peephole ? [peephole] : [])]);
  return [...own, ...(projectionBias ? [projectionBias] : [])];
}
