import type { GraphNode, RecurrentNode, ValueName } from '../../model/graph.ts';
import type { Links } from './links.ts';
import { isLastStep } from './nodes.ts';

/** Which outputs of a recurrent node something reads, as its layer puts them out. */
export interface ReadOutputs {
  /** All steps; the last step of a sequence is the layer's last output. */
  readonly sequence: boolean;
  readonly last: boolean;
  /** The states at the end. */
  readonly finals: boolean;
}

export function readOutputs(node: RecurrentNode, links: Links): ReadOutputs {
  const [sequence, last, ...finals] = node.outputs;
  const takesLast = (reader: GraphNode) => isLastStep(reader, node);
  const isRead = (value: ValueName | undefined) =>
    value !== undefined &&
    (links.isOutput(value) || links.readers(value).some((reader) => !takesLast(reader)));
  return {
    sequence: isRead(sequence),
    last: isRead(last) || links.readers(sequence ?? '').some(takesLast),
    finals: finals.some(isRead),
  };
}
