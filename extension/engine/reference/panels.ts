/*
 * How the recurrent kernels lay out tensors, one value after the other. Panels are [T][P][R][W]: the batch is cut into P
 * panels of W samples, the last one filled up with zeros; steps are in the order of computation.
 */

/** A tensor [B,T,R] and the width of its panels. */
export interface PanelLayout {
  readonly batch: number;
  readonly steps: number;
  readonly rows: number;
  /** W: a multiple of 4, or 1 for a batch of one sample. */
  readonly width: number;
  /** The layer goes through the steps backwards. */
  readonly reverse: boolean;
}

function panelsOf({ batch, width }: PanelLayout): number {
  return Math.ceil(batch / width);
}

/** Every value's place: in panels, in the tensor, among the mask's [T][P][W], among one step's panels [P][R][W]. */
function forEachValue(
  layout: PanelLayout,
  visit: (inPanels: number, inTensor: number, inMask: number, inStep: number) => void,
): void {
  const { batch, steps, rows, width, reverse } = layout;
  const panels = panelsOf(layout);
  for (let s = 0; s < steps; s++) {
    for (let b = 0; b < batch; b++) {
      const [p, w] = [Math.floor(b / width), b % width];
      for (let r = 0; r < rows; r++) {
        const inStep = (p * rows + r) * width + w;
        const inTensor = (b * steps + (reverse ? steps - 1 - s : s)) * rows + r;
        visit(s * panels * rows * width + inStep, inTensor, (s * panels + p) * width + w, inStep);
      }
    }
  }
}

/**
 * [B,T,R] → [T][P][R][W], 0 where a step is masked.
 * @param mask [T][P][W], 0 = masked
 * @param dropout factors [P][R][W]
 */
export function toPanels(
  layout: PanelLayout,
  x: Float32Array,
  mask: Int32Array | undefined,
  dropout: Float32Array | undefined,
): Float32Array {
  const { steps, rows, width } = layout;
  const panels = new Float32Array(steps * panelsOf(layout) * rows * width);
  forEachValue(layout, (inPanels, inTensor, inMask, inStep) => {
    if (mask?.[inMask] !== 0) panels[inPanels] = x[inTensor] * (dropout?.[inStep] ?? 1);
  });
  return panels;
}

/** [T][P][R][W] → [B,T,R], 0 where a step is masked. */
export function fromPanels(
  layout: PanelLayout,
  panels: Float32Array,
  mask: Int32Array | undefined,
): Float32Array {
  const { batch, steps, rows } = layout;
  const y = new Float32Array(batch * steps * rows);
  forEachValue(layout, (inPanels, inTensor, inMask) => {
    if (mask?.[inMask] !== 0) y[inTensor] = panels[inPanels];
  });
  return y;
}

/**
 * [T][P][R][W] → [blocks][R][length]: of so many steps at a time all samples of a row one behind the other, filled up with
 * zeros to whole vectors, the samples of a step too.
 */
export function recurrentRuns(layout: PanelLayout, panels: Float32Array, block: number): Float32Array {
  const { batch, steps, rows, width } = layout;
  const samples = width === 1 ? batch : ceil4(batch);
  const length = ceil4(block * samples);
  const runs = new Float32Array(Math.ceil(steps / block) * rows * length);
  const forward = { ...layout, reverse: false };
  forEachValue(forward, (inPanels, inTensor) => {
    const r = inTensor % rows;
    const s = Math.floor(inTensor / rows) % steps;
    const b = Math.floor(inTensor / rows / steps);
    const run = (Math.floor(s / block) * rows + r) * length;
    runs[run + (s % block) * samples + b] = panels[inPanels];
  });
  return runs;
}

/** [M,K] → [M/4][K][4], zeros beyond the last row. */
export function packRows(matrix: Float32Array, columns: number): Float32Array {
  const rows = matrix.length / columns;
  const packed = new Float32Array(ceil4(rows) * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      packed[(Math.floor(r / 4) * columns + c) * 4 + (r % 4)] = matrix[r * columns + c];
    }
  }
  return packed;
}

function ceil4(n: number): number {
  return Math.ceil(n / 4) * 4;
}
