/** Values of one gate, state or sum: [H] of one sample. */
export type Units = Float64Array;

/** An activation with its derivative, given the output, as all that the kernels know can. */
export interface ScalarActivation {
  readonly apply: (x: number) => number;
  readonly slope: (y: number) => number;
}

/** The cell of a node as the functions below tell them apart. */
export type CellKind = 'LSTM' | 'GRU' | 'resetAfter' | 'RNN';

export interface CellFunctions {
  readonly kind: CellKind;
  readonly gate: ScalarActivation;
  readonly activation: ScalarActivation;
}

/** The functions that the kernels have; undefined for any other. */
export function scalarActivation(op: string, alpha = 0.2, beta = 0.5): ScalarActivation | undefined {
  switch (op) {
    case 'Identity':
      return { apply: (x) => x, slope: () => 1 };
    case 'Sigmoid':
      return { apply: (x) => 1 / (1 + Math.exp(-x)), slope: (y) => y * (1 - y) };
    case 'Tanh':
      return { apply: Math.tanh, slope: (y) => 1 - y * y };
    case 'Relu':
      return { apply: (x) => Math.max(0, x), slope: (y) => (y > 0 ? 1 : 0) };
    case 'HardSigmoid':
      return {
        apply: (x) => Math.max(0, Math.min(1, alpha * x + beta)),
        slope: (y) => (y > 0 && y < 1 ? alpha : 0),
      };
    default:
      return undefined;
  }
}

/** What one step of one sample kept for the way back. */
export interface StepRecord {
  /** The gates after their activations, [G·H]. */
  readonly gates: Units;
  /** LSTM: act(c'). GRU with the reset after the product: the recurrent part of h~. */
  readonly inner: Units;
  readonly h: Units;
  readonly c: Units;
}

/**
 * LSTM (Hochreiter & Schmidhuber 1997; Gers et al. 2000): i, f, o = gate(z), c~ = act(z), c' = f c + i c~, h' = o act(c').
 * @param z sums of the gates i, f, c, o [4H]
 */
export function lstmForward(z: Units, c: Units, { gate, activation }: CellFunctions) {
  const size = c.length;
  const gates = z.map((sum, k) => (k >= 2 * size && k < 3 * size ? activation : gate).apply(sum));
  const cell = c.map((before, u) => gates[size + u] * before + gates[u] * gates[2 * size + u]);
  const inner = cell.map((value) => activation.apply(value));
  return { gates, inner, cell, output: inner.map((value, u) => gates[3 * size + u] * value) };
}

/** Gradients of the sums and of c from those of h' and c'. */
export function lstmBackward(
  { gates, inner, c }: StepRecord,
  dh: Units,
  dCell: Units,
  { gate, activation }: CellFunctions,
): { dz: Units; dc: Units } {
  const size = c.length;
  const dz = new Float64Array(4 * size);
  const dc = new Float64Array(size);
  for (let u = 0; u < size; u++) {
    const [i, f, candidate, o] = [0, 1, 2, 3].map((g) => gates[g * size + u]);
    const through = dCell[u] + dh[u] * o * activation.slope(inner[u]);
    dz[u] = through * candidate * gate.slope(i);
    dz[size + u] = through * c[u] * gate.slope(f);
    dz[2 * size + u] = through * i * activation.slope(candidate);
    dz[3 * size + u] = dh[u] * inner[u] * gate.slope(o);
    dc[u] = through * f;
  }
  return { dz, dc };
}
