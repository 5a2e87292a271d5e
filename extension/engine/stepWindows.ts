/** The windows over sequences x [batch, steps, channels]: `count` places of `size` steps each. */
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
}

/** Every window's steps side by side: windows [batch, count, size · channels], filled with 0 where there is no step. */
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
function eachRun(
  { batch, steps, channels, size, count, stride, dilation, spread, before }: StepWindows,
  visit: (inX: number, inWindows: number, length: number) => void,
): void {
  const together = dilation === 1 && spread === 1;
  for (let row = 0; row < batch * count; row++) {
    const sample = Math.floor(row / count) * steps;
    const start = (row % count) * stride - before;
    if (together) {
      const first = Math.max(0, -start);
      const last = Math.min(size, steps - start);
      if (first < last)
        visit(
          (sample + start + first) * channels,
          (row * size + first) * channels,
          (last - first) * channels,
        );
      continue;
    }
    for (let tap = 0; tap < size; tap++) {
      const step = (start + tap * dilation) / spread;
      if (step < 0 || step >= steps || !Number.isInteger(step)) continue;
      visit((sample + step) * channels, (row * size + tap) * channels, channels);
    }
  }
}
