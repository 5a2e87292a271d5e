import type { Graph } from '../../../extension/model/graph.ts';
import { layerRemovals } from '../../../extension/pruning/layers/removals.ts';
import type { Solvable } from '../../../extension/pruning/units/shrink.ts';
import { UnitGraph } from '../../support/unitGraph.ts';

/** `b: c → a` where whoever reads c is to read a without layer b; `b: reason` where b cannot go. */
export function ways({ graph }: Solvable): string[] {
  return layerRemovals(graph as Graph).map(({ name, way }) =>
    'reason' in way
      ? `${name}: ${way.reason.code}`
      : `${name}: ${way.redirection.from} → ${way.redirection.to}`,
  );
}

/** LSTMs a, b, c and d over 3 features, 5 units each, of which d hands on its last step. */
export function stack() {
  const graph = new UnitGraph();
  const layers = [['x', 3] as const, ['a', 5] as const, ['b', 5] as const, ['c', 5] as const].map(
    ([input, width], i) => graph.recurrent('abcd'[i], [width, 5], [input]),
  );
  graph.dense('y', [5, 2], 'd/last');
  return { layers, model: graph.model('y') };
}
