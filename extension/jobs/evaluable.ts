import type { Graph } from '../model/graph.ts';
import type { Model } from '../model/model.ts';
import { UserError } from '../protocol/userError.ts';

/** The graph of a model. Throws the reason where it has none. */
export function evaluableGraph({ graph, notEvaluable }: Pick<Model, 'graph' | 'notEvaluable'>): Graph {
  if (graph) return graph;
  if (!notEvaluable) throw new UserError('graphUnsupported');
  throw new UserError(notEvaluable.code, notEvaluable.args, notEvaluable.cause);
}
