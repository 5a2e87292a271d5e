import type { MergeOp } from '../../../../model/mergeNode.ts';
import { countingOf } from '../counting.ts';
import { sameLength, times } from '../lengths.ts';
import { type Counting, type Flow, lengthsOf, type SamplePlaces, type Value } from '../values.ts';

/*
 * y[torch.arange(B), steps] takes a step of each sample: the older exporter adds the number of the sample, times that of the steps, to
 * the step; the newer one writes both beside each other.
 */

/** Numbers of all samples, times a length, or with a place of each added; undefined of anything else. */
export function countedWith(op: MergeOp, operands: readonly Value[]): Value | undefined {
  const at = operands.findIndex((value) => countingOf(value));
  const [value, other] = [operands[at], operands[1 - at]];
  const counting = value && countingOf(value);
  if (!counting || operands.length !== 2) return undefined;
  if (op === 'Mul' && value.kind === 'counting' && other.kind === 'numbers' && other.values.length === 1)
    return { ...counting, by: times(counting.by, other.values[0]) };
  if (op !== 'Add' || other.kind !== 'flow' || !haveOneAxis(counting, other)) return undefined;
  return { kind: 'samplePlaces', shape: lengthsOf(other), places: other, by: counting.by };
}

/** The number of each sample, and a place of it beside that; undefined of anything else. */
export function pairedPlaces(operands: readonly Value[], axis: number): SamplePlaces | undefined {
  const [numbers, places] = operands;
  const counting = numbers.kind === 'counting' ? numbers : undefined;
  if (operands.length !== 2 || !counting || places.kind !== 'flow') return undefined;
  const { by, shape } = counting;
  const [, beside] = lengthsOf(places);
  if (axis !== 1 || by !== 1 || shape[1] !== 1 || beside !== 1 || !areOfSamples(counting, places))
    return undefined;
  return { kind: 'samplePlaces', shape: [shape[0], 2], places };
}

function haveOneAxis(counting: Counting, places: Flow): boolean {
  return counting.shape.length === 1 && places.axes.length === 1 && areOfSamples(counting, places);
}

/** Whether as many numbers are counted as there are samples, along the axis that a flow has them at. */
function areOfSamples({ axis, shape }: Counting, { axes }: Flow): boolean {
  const [batch] = axes;
  return axis === 0 && batch.parts.join() === '0' && sameLength(batch.length, shape[0]);
}
