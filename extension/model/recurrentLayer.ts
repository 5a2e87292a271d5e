import type { Cell, Direction, GateName, MatrixName } from '../protocol/report.ts';
import type { GateView } from './gateView.ts';

/** The gates of each cell in canonical order, the order in which ties are broken and the engine computes. */
export const gatesOf = {
  LSTM: ['i', 'f', 'c', 'o'],
  GRU: ['z', 'r', 'h'],
  RNN: ['h'],
} as const satisfies Record<Cell, readonly GateName[]>;

/** The gate whose zero row keeps a hidden unit at 0 for ever (from a zero initial state, activation(0) = 0). */
export const candidateGate = { LSTM: 'c', GRU: 'h', RNN: 'h' } as const satisfies Record<Cell, GateName>;

export const matrixNames = ['kernel', 'recurrent'] as const satisfies readonly MatrixName[];

/** One gate of a layer: views into the file's parameters. */
export interface Gate {
  readonly name: GateName;
  /** [H, I] */
  readonly kernel: GateView;
  /** [H, H], or [H, P] with a projection. */
  readonly recurrent: GateView;
  /** [H, 1] each; their sum is the bias. GRU with reset after keeps them apart: input bias, then recurrent bias. */
  readonly biases: readonly GateView[];
}

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
  /** In canonical order. */
  readonly gates: readonly Gate[];
  /** The candidate's and output's activation maps 0 to 0, so that a unit can be dead. */
  readonly zeroPreserving: boolean;
}
