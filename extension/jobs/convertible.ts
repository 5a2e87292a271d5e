import type { Graph } from '../model/graph.ts';
import type { Model } from '../model/model.ts';
import { whyNoGraph } from '../model/whyNoGraph.ts';
import type { MessageCode } from '../protocol/messages.ts';
import { UserError } from '../protocol/userError.ts';

/** The same reasons with another ending: that a model can be pruned all the same is no answer to who wants to convert it. */
const ofConversions: Partial<Record<MessageCode, MessageCode>> = {
  layerUnsupported: 'layerNotConverted',
  layerOptionUnsupported: 'layerOptionNotConverted',
  operatorUnsupported: 'operatorNotConverted',
  tfliteOperatorUnsupported: 'tfliteOperatorNotConverted',
  operatorUseUnsupported: 'operatorUseNotConverted',
  outputsUnsupported: 'outputsNotConverted',
  graphUnsupported: 'graphNotConverted',
};

/** The graph of a model, to be written in another format. Throws a `UserError` where it has none, with the reason. */
export function convertibleGraph(model: Pick<Model, 'graph' | 'notEvaluable'>): Graph {
  if (model.graph) return model.graph;
  const { code, args, cause } = whyNoGraph(model);
  throw new UserError(ofConversions[code] ?? code, args, cause);
}
