import type { GraphNode } from '../model/graph.ts';
import { mergeShape } from './merge.ts';
import { checkInputs, checkRank, misfit, type ShapeRule } from './shape.ts';
import { freezeAxes, met, needed, type UnitRule } from './units.ts';

type ProductNode = Extract<GraphNode, { op: 'Product' }>;

/** a [B,…,n,k] and b [B,…,k,m] to [B,…,n,m]. */
export const productShape: ShapeRule<ProductNode> = (node, inputs) => {
  checkInputs(node, inputs, 2, 2);
  for (const shape of inputs) if (shape.length < 3) checkRank(node, shape, [3]);
  const [a, b] = inputs;
  const [inner, rows] = [a.at(-1) ?? null, b.at(-2) ?? null];
  if (inner !== null && rows !== null && inner !== rows)
    throw misfit(node, b, { code: 'expectedAlong', args: { count: inner, axis: -2 } });
  const merge = { ...node, op: 'Mul' } as const;
  const [outer] = mergeShape(
    merge,
    inputs.map((shape) => shape.slice(0, -2)),
  );
  return [[...outer, a.at(-2) ?? null, b.at(-1) ?? null]];
};

/** Units that are summed over are tied, and one may go where it is 0; those of the outer axes of the product pass on. */
export const productUnits: UnitRule<ProductNode> = (node, inputs, trace) => {
  const [a, b] = inputs;
  const outer = Math.max(...inputs.map(({ shape }) => shape.length)) - 2;
  for (const { axes } of inputs) freezeAxes(axes.slice(0, -2), needed(node), trace);
  const sides = [a.axes.at(-1), b.axes.at(-2)];
  const columns = trace.tied(sides, met(node));
  if (columns) {
    const isZero = (i: number) => sides.some((side) => side?.keepsZero[i] === 1);
    trace.freeze(
      columns.slots.filter((_, i) => !isZero(i)),
      needed(node),
    );
    trace.contractions.push({ slots: columns.slots });
  }
  const none = Array.from({ length: outer }, () => undefined);
  return [[...none, a.axes.at(-2), b.axes.at(-1)]];
};
