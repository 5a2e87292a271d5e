/**
 * How far apart the values of an operand lie along each axis of a loop; 0 along an axis that it is repeated over, or that is summed.
 */
export type Steps = readonly number[];

/** A loop over several arrays at once, cut into rows that are as long as the steps allow. */
export interface Rows {
  readonly length: number;
  /** Of the values of a row, for each operand. */
  readonly steps: readonly number[];
  /** Visits the rows in order, with the place where each operand's row begins; the array is used again. */
  each(visit: (starts: readonly number[]) => void): void;
}

/** Axes that lie in one piece for all operands become one, so that the last one makes long rows. */
export function rowsOf(shape: readonly number[], operands: readonly Steps[]): Rows {
  const axes = joinedAxes(shape, operands);
  const { length, steps } = axes.pop() ?? { length: 1, steps: operands.map(() => 0) };
  const empty = shape.includes(0);
  return {
    length,
    steps,
    each: (visit) => {
      if (empty) return;
      const starts = operands.map(() => 0);
      const index = axes.map(() => 0);
      const move = (axis: number, times: number) => {
        for (const [o, step] of axes[axis].steps.entries()) starts[o] += step * times;
      };
      for (;;) {
        visit(starts);
        let axis = axes.length - 1;
        for (; axis >= 0; axis--) {
          move(axis, 1);
          if (++index[axis] < axes[axis].length) break;
          move(axis, -index[axis]);
          index[axis] = 0;
        }
        if (axis < 0) return;
      }
    },
  };
}

interface Axis {
  readonly length: number;
  /** For each operand. */
  readonly steps: readonly number[];
}

function joinedAxes(shape: readonly number[], operands: readonly Steps[]): Axis[] {
  const axes: Axis[] = [];
  for (const [i, length] of shape.entries()) {
    if (length === 1) continue;
    const steps = operands.map((operand) => operand[i]);
    const outer = axes.at(-1);
    if (outer?.steps.every((step, o) => step === steps[o] * length)) {
      axes[axes.length - 1] = { length: outer.length * length, steps };
    } else axes.push({ length, steps });
  }
  return axes;
}

/** Steps of an array that lies row by row. */
export function stepsOf(shape: readonly number[]): number[] {
  const steps: number[] = [];
  let step = 1;
  for (const length of shape.toReversed()) {
    steps.unshift(step);
    step *= length;
  }
  return steps;
}

/** Steps of an array that is repeated to another shape, as NumPy does: from the last axis on, along axes of length 1. */
export function repeatedSteps(shape: readonly number[], to: readonly number[]): number[] {
  const missing = to.length - shape.length;
  const steps = stepsOf(shape);
  return to.map((_, i) => (i < missing || shape[i - missing] === 1 ? 0 : steps[i - missing]));
}
