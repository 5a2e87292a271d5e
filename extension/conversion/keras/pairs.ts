import { type GraphNode, isRecurrent, type RecurrentNode } from '../../model/graph.ts';
import type { Links } from './links.ts';

/** Keras' names of what merges both directions. */
export const mergeModes = { Concat: 'concat', Add: 'sum', Mul: 'mul', Mean: 'ave' } as const;

/** The backward half of a Bidirectional, and what merges both. */
export function pairOf(
  links: Links,
  forward: RecurrentNode,
): { backward: RecurrentNode; merge: GraphNode } | undefined {
  if (forward.reverse) return undefined;
  // Where no steps are masked, the last output is the final state.
  const ends = forward.outputs.slice(0, forward.mask === undefined ? 3 : 2);
  for (const [at, output] of ends.entries()) {
    for (const merge of links.readers(output)) {
      const mode = mergeModes[merge.op as keyof typeof mergeModes];
      if (!mode || merge.inputs.length !== 2 || merge.inputs[0] !== output) continue;
      const backward = links.producer(merge.inputs[1]);
      if (!backward || !isRecurrent(backward) || backward.op !== forward.op || !backward.reverse) continue;
      const alone = [output, merge.inputs[1]].every(
        (value) => links.readers(value).length === 1 && !links.isOutput(value),
      );
      const same = backward.outputs[at] === merge.inputs[1] && backward.inputs[0] === forward.inputs[0];
      const others = [...forward.outputs, ...backward.outputs].filter(
        (value) => !merge.inputs.includes(value),
      );
      const plain = forward.inputs.length === 1 && backward.inputs.length === 1;
      const unread = others.every((value) => links.readers(value).length === 0 && !links.isOutput(value));
      const size = forward.layer.hiddenSize === backward.layer.hiddenSize;
      if (alone && same && plain && unread && size) return { backward, merge };
    }
  }
  return undefined;
}
