import type { GraphNode } from '../model/graph.ts';
import type { Parameter } from '../model/parameter.ts';
import type { Message } from '../protocol/messages.ts';
import { UserError } from '../protocol/userError.ts';

/** Batch first; null where an axis is free until data comes. */
export type Shape = readonly (number | null)[];

/** Shapes of a node's outputs from those of its inputs. Throws `UserError` where they do not fit. */
export type ShapeRule<Node extends GraphNode = GraphNode> = (
  node: Node,
  inputs: readonly Shape[],
) => readonly Shape[];

/** A rank that the operator cannot take. */
export function checkRank(node: GraphNode, shape: Shape, ranks: readonly number[]): void {
  if (!ranks.includes(shape.length)) {
    const args = { ranks: ranks.join(' / ') };
    throw misfit(node, shape, { code: 'expectedAxes', args });
  }
}

/** The last axis must be as wide as the weights want it; a free axis may be. */
export function checkWidth(node: GraphNode, shape: Shape, width: number): void {
  const last = shape.at(-1);
  if (last !== null && last !== width) {
    throw misfit(node, shape, { code: 'expectedLastAxis', args: { width } });
  }
}

/** A value of a shape that the operator cannot take; free axes fit any. */
export function checkShape(node: GraphNode, shape: Shape, expected: Shape): void {
  const fits =
    shape.length === expected.length &&
    shape.every((n, i) => n === null || expected[i] === null || n === expected[i]);
  if (fits) return;
  throw misfit(node, shape, { code: 'expectedShape', args: { shape: showShape(expected) } });
}

/** More or fewer inputs than the operator takes. */
export function checkInputs(node: GraphNode, inputs: readonly Shape[], low: number, high: number): void {
  if (inputs.length >= low && inputs.length <= high) return;
  const count = low === high ? String(low) : `${low}–${high}`;
  throw misfit(node, inputs.length, { code: 'expectedInputs', args: { count } });
}

/** Weights of a shape that the operator cannot use; null where any length will do. */
export function checkWeight(node: GraphNode, { shape }: Parameter, expected: Shape): void {
  const fits = shape.length === expected.length && expected.every((n, i) => n === null || n === shape[i]);
  if (fits) return;
  const wanted = `[${expected.map((n) => n ?? '*').join(', ')}]`;
  throw misfit(node, shape, { code: 'expectedWeights', args: { shape: wanted } });
}

/** An axis behind the batch, counted from the front. Throws `UserError` where x has none there. */
export function checkedAxis(node: GraphNode, x: Shape, axis: number): number {
  const front = frontAxis(axis, x.length);
  if (!(front > 0 && front < x.length)) throw misfit(node, x, { code: 'expectedAxis', args: { axis } });
  return front;
}

/** Weights with one value for each place along an axis of x; absent ones fit. */
export function checkAlong(
  node: GraphNode,
  x: Shape,
  axis: number,
  parameters: readonly (Parameter | undefined)[],
): void {
  const front = checkedAxis(node, x, axis);
  const given = parameters.filter((parameter) => parameter !== undefined);
  const width = given[0]?.shape[0] ?? null;
  if (width !== null && x[front] !== null && x[front] !== width) {
    throw misfit(node, x, { code: 'expectedAlong', args: { count: width, axis } });
  }
  for (const parameter of given) checkWeight(node, parameter, [width]);
}

/** @param found a shape, or a number of inputs */
export function misfit(node: GraphNode, found: Shape | number, expected: Message): UserError {
  const shown = typeof found === 'number' ? found : showShape(found);
  return new UserError(
    'graphUnsupported',
    {},
    { code: 'reasonMisfit', args: { layer: node.origin, expected, found: shown } },
  );
}

/** `[N, 50, 25]`, with `*` for a free axis. */
function showShape(shape: Shape): string {
  return `[${shape.map((n, i) => (n === null ? (i === 0 ? 'N' : '*') : n)).join(', ')}]`;
}

/** An axis counted from the end becomes one counted from the front. */
export function frontAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
