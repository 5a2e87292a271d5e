import { type GraphNode, isRecurrent, type RecurrentNode } from '../../model/graph.ts';
import type { Dialect, KerasLayer, KerasTensor } from './description.ts';
import type { Links } from './links.ts';
import { kerasRecurrent } from './recurrent.ts';

/** Keras' names of what merges both directions. */
const mergeModes = { Concat: 'concat', Add: 'sum', Mul: 'mul', Mean: 'ave' } as const;

/** Both halves of a Bidirectional, and what merges them. */
export interface Pair {
  readonly forward: RecurrentNode;
  readonly backward: RecurrentNode;
  readonly merge: GraphNode;
}

/** The Bidirectional that a layer is the forward half of. */
export function pairOf(links: Links, forward: RecurrentNode): Pair | undefined {
  if (forward.reverse) return undefined;
  // Where no steps are masked, the last output is the final state.
  const ends = forward.outputs.slice(0, forward.mask === undefined ? 3 : 2);
  for (const [at, output] of ends.entries()) {
    for (const merge of links.readers(output)) {
      const mode = mergeModes[merge.op as keyof typeof mergeModes];
      if (!mode || merge.inputs.length !== 2 || merge.inputs[0] !== output) continue;
      if (merge.op === 'Concat' && merge.axis !== -1 && merge.axis !== (at === 0 ? 2 : 1)) continue;
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
      if (alone && same && plain && unread && size) return { forward, backward, merge };
    }
  }
  return undefined;
}

/**
 * Whether the wrapper puts out the same at masked steps: that of Keras zeros whatever the layers inside do, that of TensorFlow.js what they
 * do.
 * @param seen whether something depends on what stands there
 */
export function isWrapped(
  { forward, merge }: Pair,
  { dialect, seen }: { readonly dialect: Dialect; readonly seen: boolean },
): boolean {
  const returnSequences = merge.inputs[0] === forward.outputs[0];
  return !returnSequences || !seen || (forward.zeroMaskedOutput === true) === (dialect === 'keras');
}

/** Both halves as one layer. Throws conversionImpossible where Keras' layers lack what they do. */
export function bidirectionalLayer(
  { forward, backward, merge }: Pair,
  name: string,
  inputs: readonly KerasTensor[],
  dialect: Dialect,
): KerasLayer {
  const returnSequences = merge.inputs[0] === forward.outputs[0];
  const [one, other] = [forward, backward].map((node, i) => {
    const use = {
      name: `${i === 0 ? 'forward' : 'backward'}_${name}`,
      inputs,
      returnSequences,
      returnState: false,
      goBackwards: i === 1,
    };
    return kerasRecurrent({ ...node, zeroMaskedOutput: false }, use, dialect);
  });
  const mode = mergeModes[merge.op as keyof typeof mergeModes];
  return {
    className: 'Bidirectional',
    name,
    config: { name, trainable: true, dtype: 'float32', merge_mode: mode },
    inputs,
    weights: [],
    directions: [one, other],
  };
}
