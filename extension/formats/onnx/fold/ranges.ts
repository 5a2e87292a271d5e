import { intOf, intsOf } from '../attributes.ts';
import type { OnnxNode } from '../proto.ts';

type Numbers = (input: string) => readonly number[] | undefined;

interface AxisRange {
  readonly axis: number;
  readonly start: number;
  readonly length: number;
}

/** What a Slice takes, axis by axis; undefined where that is not constant, or runs backwards. */
export function sliceRanges(
  node: OnnxNode,
  shape: readonly number[],
  numbers: Numbers,
): (AxisRange & { readonly step: number })[] | undefined {
  // Attributes up to operator set 9.
  const named = (name: string, input: number) => intsOf(node, name) ?? numbers(node.inputs[input] ?? '');
  const [starts, ends] = [named('starts', 1), named('ends', 2)];
  if (!starts || !ends || starts.length !== ends.length) return undefined;
  const axes = named('axes', 3) ?? [...starts.keys()];
  const steps = named('steps', 4) ?? starts.map(() => 1);
  const missing =
    (node.inputs[3] && !numbers(node.inputs[3])) || (node.inputs[4] && !numbers(node.inputs[4]));
  if (missing || axes.length !== starts.length || steps.length !== starts.length) return undefined;
  const ranges = starts.map((from, i) => {
    const axis = axes[i] < 0 ? axes[i] + shape.length : axes[i];
    const size = shape[axis] ?? Number.NaN;
    const clamp = (index: number) => Math.min(Math.max(index < 0 ? index + size : index, 0), size);
    const [start, end, step] = [clamp(from), clamp(ends[i]), steps[i]];
    return { axis, start, length: Math.max(0, Math.ceil((end - start) / step)), step };
  });
  return ranges.every(({ length, step }) => step >= 1 && Number.isSafeInteger(length)) ? ranges : undefined;
}

/** What one output of a Split gets. */
export function splitPart(
  node: OnnxNode,
  output: number,
  shape: readonly number[],
  numbers: Numbers,
): AxisRange | undefined {
  const given = intOf(node, 'axis', 0);
  const axis = given < 0 ? given + shape.length : given;
  const length = shape[axis];
  if (length === undefined) return undefined;
  const stated = intsOf(node, 'split') ?? (node.inputs[1] ? numbers(node.inputs[1]) : undefined);
  if (node.inputs[1] && !stated) return undefined;
  // Equal parts, the last one smaller where they do not divide the length (operator set 18).
  const equal = Math.ceil(length / node.outputs.length);
  const sizes = stated ?? node.outputs.map((_, i) => Math.max(0, Math.min(equal, length - i * equal)));
  const start = sizes.slice(0, output).reduce((sum, size) => sum + size, 0);
  const fits = sizes.every((size) => size >= 0) && start + (sizes[output] ?? Number.NaN) <= length;
  return fits ? { axis, start, length: sizes[output] } : undefined;
}

/** Indices as runs of neighbours; undefined where one is beyond the axis. */
export function gatherParts(
  indices: readonly number[],
  size: number,
): { start: number; length: number }[] | undefined {
  const parts: { start: number; length: number }[] = [];
  for (const given of indices) {
    const index = given < 0 ? given + size : given;
    if (!(index >= 0 && index < size)) return undefined;
    const last = parts.at(-1);
    if (last && last.start + last.length === index) last.length++;
    else parts.push({ start: index, length: 1 });
  }
  return parts;
}
