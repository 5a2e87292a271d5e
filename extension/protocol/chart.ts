/** A mark on an axis. */
export interface Tick {
  /** Where it stands along its axis. */
  readonly at: number;
  readonly text: string;
}

/** A range around all values whose ends and at most `lines` steps are round. */
export function niceRange(
  values: readonly number[],
  lines: number,
): { low: number; high: number; step: number } {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
  if (least > most) [least, most] = [0, 1];
  // A curve that is flat lies in the middle.
  if (most - least <= Math.abs(most) * 1e-9) [least, most] = [least - spread(least), most + spread(most)];
  // One step more than asked for may be needed where the ends are not round; the next size has room enough.
  const ends = (step: number) => ({
    low: Math.floor(least / step + 1e-9) * step,
    high: Math.ceil(most / step - 1e-9) * step,
    step,
  });
  const range = ends(niceStep((most - least) / lines));
  return Math.round((range.high - range.low) / range.step) <= lines
    ? range
    : ends(niceStep(range.step * 1.5));
}

/** Ticks at the steps of a range, each at the place that `place` gives it. */
export function ticksOf(
  { low, high, step }: { low: number; high: number; step: number },
  place: (value: number) => number,
  text: (value: number) => string,
): Tick[] {
  const count = Math.round((high - low) / step);
  return Array.from({ length: count + 1 }, (_, i) => {
    const value = low + i * step;
    // Sums of decimal steps miss 0 by an ulp.
    return { at: place(value), text: text(Math.abs(value) < step / 1e6 ? 0 : value) };
  });
}

/** The least of 1, 2 and 5 times a power of ten that is not below. */
export function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((one) => one * power >= least * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** The data of an SVG path through all points. */
export function linePath(points: readonly { readonly x: number; readonly y: number }[]): string {
  return points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
}

function spread(value: number): number {
  return value === 0 ? 1 : Math.abs(value) / 10;
}
