/** The windows over sequences x [batch, steps, channels], or images [batch, height, steps, channels]: `count` places of `size` steps each. */
export interface StepWindows {
  readonly batch: number;
  readonly steps: number;
  readonly channels: number;
  readonly size: number;
  readonly count: number;
  readonly stride: number;
  readonly dilation: number;
  /** x has its steps so far apart; between them is 0. */
  readonly spread: number;
  /** Steps of 0 before the first one. */
  readonly before: number;
  /** The same of the rows of images. */
  readonly rows: RowWindows;
}

/** `count` places of `size` rows each. */
export interface RowWindows {
  readonly height: number;
  readonly size: number;
  readonly count: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
}

/** Of sequences: an image of one row. */
export const oneRow: RowWindows = { height: 1, size: 1, count: 1, stride: 1, dilation: 1, before: 0 };

/** The matrix [m, k] that has a window in each row. */
export function windowMatrix({ batch, count, size, channels, rows }: StepWindows): { m: number; k: number } {
  return { m: batch * rows.count * count, k: rows.size * size * channels };
}

/** What x becomes by its windows, each of which has so many values. */
export function windowShape(
  x: readonly number[],
  { count, rows }: Pick<StepWindows, 'count' | 'rows'>,
  width: number,
): number[] {
  return rows === oneRow ? [...x.slice(0, -2), count, width] : [...x.slice(0, -3), rows.count, count, width];
}

/** Every window's steps side by side, those of a row after the other: windows [m, k], filled with 0 where there is no step. */
export function copyWindows(x: Float32Array, windows: Float32Array, plan: StepWindows): void {
  windows.fill(0);
  eachRun(plan, (inX, inWindows, length) => windows.set(x.subarray(inX, inX + length), inWindows));
}

/** Its gradient: adds every value of the windows to the step that it was copied from. */
export function addWindows(windows: Float32Array, x: Float32Array, plan: StepWindows): void {
  eachRun(plan, (inX, inWindows, length) => {
    for (let i = 0; i < length; i++) x[inX + i] += windows[inWindows + i];
  });
}

/** Visits what lies in one piece in both arrays. */
type Visit = (inX: number, inWindows: number, length: number) => void;

function eachRun(plan: StepWindows, visit: Visit): void {
  const { batch, steps, count, size, rows } = plan;
  for (let place = 0; place < batch * rows.count; place++) {
    const image = Math.floor(place / rows.count) * rows.height;
    const top = (place % rows.count) * rows.stride - rows.before;
    for (let row = 0; row < rows.size; row++) {
      const seen = top + row * rows.dilation;
      if (seen >= 0 && seen < rows.height)
        eachRunOfRow(plan, (image + seen) * steps, place * count, row * size, visit);
    }
  }
}

/**
 * @param sequence the row's first step in x
 * @param window the first of its windows
 * @param tap where in a window its steps begin
 */
function eachRunOfRow(plan: StepWindows, sequence: number, window: number, tap: number, visit: Visit): void {
  const { steps, channels, size, count, stride, dilation, spread, before, rows } = plan;
  const together = dilation === 1 && spread === 1;
  for (let place = 0; place < count; place++) {
    const start = place * stride - before;
    const inWindows = (window + place) * rows.size * size + tap;
    if (together) {
      const first = Math.max(0, -start);
      const last = Math.min(size, steps - start);
      if (first < last)
        visit(
          (sequence + start + first) * channels,
          (inWindows + first) * channels,
          (last - first) * channels,
        );
      continue;
    }
    for (let i = 0; i < size; i++) {
      const step = (start + i * dilation) / spread;
      if (step < 0 || step >= steps || !Number.isInteger(step)) continue;
      visit((sequence + step) * channels, (inWindows + i) * channels, channels);
    }
  }
}
