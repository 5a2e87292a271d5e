import type { Graph } from '../model/graph.ts';
import type { Model } from '../model/model.ts';
import { noGraph } from '../model/whyNoGraph.ts';

/** The graph of a model. Throws the reason where it has none. */
export function evaluableGraph(model: Pick<Model, 'graph' | 'notEvaluable'>): Graph {
  if (model.graph) return model.graph;
  throw noGraph(model);
}
