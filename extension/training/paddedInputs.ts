import type { Graph, GraphInput } from '../model/graph.ts';
import type { Random } from '../model/random.ts';
import type { Tensor } from '../model/tensor.ts';

/**
 * Inputs of which every second sample ends in padding, of a length of its own in each input, so that what masks do shows: the value that a
 * mask looks for in what it reads directly, token ids [B,T] or sequences [B,T,I], and zeros in other token ids. Every sample begins with a
 * step that is none of it, if the vocabulary has more ids than that of padding. Lengths of sequences [B] are at least 1 and at most that of
 * the longest input. Other inputs stay as they are: masks that are given, and sequences that reach a mask through other nodes.
 */
export function paddedInputs(graph: Graph, inputs: readonly Tensor[], random: Random): Tensor[] {
  const longest = Math.max(1, ...inputs.map(({ shape }) => shape[1] ?? 1));
  return inputs.map((input, i) => {
    const { name, vocabulary = 1 } = graph.inputs[i];
    if (graph.nodes.some(({ op, inputs: [lengths] }) => op === 'LengthMask' && lengths === name)) {
      return { ...input, data: input.data.map(() => 1 + random.below(longest)) };
    }
    const value = paddingOf(graph, graph.inputs[i]);
    const [samples, steps, ...features] = input.shape;
    if (value === undefined || steps === undefined) return input;
    const width = features.reduce((product, length) => product * length, 1);
    const data = input.data.slice();
    for (let sample = 0; sample < samples; sample++) {
      const [start, end] = [sample * steps * width, (sample + 1) * steps * width];
      if (vocabulary > 1) {
        for (let place = start; place < start + width; place++) {
          if (data[place] === value) data[place] = idBut(value, vocabulary, random);
        }
      }
      if (sample % 2 === 0 && steps > 1) data.fill(value, start + (1 + random.below(steps - 1)) * width, end);
    }
    return { ...input, data };
  });
}

/** An id of the vocabulary other than one that is in it. */
function idBut(id: number, vocabulary: number, random: Random): number {
  const drawn = random.below(vocabulary - 1);
  return drawn < id ? drawn : drawn + 1;
}

/** What stands at steps of an input that are none; undefined where nothing tells. */
export function paddingOf({ nodes }: Graph, { name, dtype }: GraphInput): number | undefined {
  const mask = nodes.find((node) => node.op === 'NotEqualMask' && node.inputs[0] === name);
  if (mask?.op === 'NotEqualMask') return mask.value;
  return dtype === 'int32' ? 0 : undefined;
}
