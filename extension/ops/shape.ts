import type { GraphNode } from '../model/graph.ts';
import type { Parameter } from '../model/parameter.ts';
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
  if (!ranks.includes(shape.length)) throw misfit(node, shape, `${ranks.join(' or ')} axes`);
}

/** The last axis must be as wide as the weights want it; a free axis may be. */
export function checkWidth(node: GraphNode, shape: Shape, width: number): void {
  const last = shape.at(-1);
  if (last !== null && last !== width) throw misfit(node, shape, `a last axis of ${width}`);
}

/** Weights of a shape that the operator cannot use; null where any length will do. */
export function checkWeight(node: GraphNode, { shape }: Parameter, expected: Shape): void {
  const fits = shape.length === expected.length && expected.every((n, i) => n === null || n === shape[i]);
  if (!fits)
    throw misfit(node, shape, `weights of the shape [${expected.map((n) => n ?? 'any').join(', ')}]`);
}

export function misfit(node: GraphNode, found: Shape, expected: string): UserError {
  return new UserError(
    'graphUnsupported',
    {},
    { code: 'reasonMisfit', args: { layer: node.origin, expected, found: showShape(found) } },
  );
}

/** `[batch, 50, 25]`, with `any` for a free axis. */
export function showShape(shape: Shape): string {
  return `[${shape.map((n, i) => (n === null ? (i === 0 ? 'batch' : 'any') : n)).join(', ')}]`;
}

/** An axis counted from the end becomes one counted from the front. */
export function frontAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
