import type { GateView } from '../model/gateView.ts';
import type { Parameter } from '../model/parameter.ts';
import { extentOf } from './runs.ts';

/** The values number [from, to) of a parameter. */
export interface Span {
  readonly parameter: Parameter;
  readonly from: number;
  readonly to: number;
}

/** Where the views of a matrix lie, parameter by parameter, with the numbers of the views there. */
export function spansOf(views: readonly GateView[]): (Span & { readonly gates: readonly number[] })[] {
  const byParameter = new Map<Parameter, number[]>();
  for (const [g, { parameter }] of views.entries())
    byParameter.set(parameter, [...(byParameter.get(parameter) ?? []), g]);
  return [...byParameter].map(([parameter, gates]) => {
    const extents = gates.map((g) => extentOf(views[g]));
    const from = Math.min(...extents.map(([from]) => from));
    const to = Math.max(...extents.map(([, to]) => to));
    return { parameter, from, to, gates };
  });
}

export function isSameSpan(a: Span, b: Span): boolean {
  return a.parameter === b.parameter && a.from === b.from && a.to === b.to;
}
