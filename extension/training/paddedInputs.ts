import type { Graph, GraphInput } from '../model/graph.ts';
import type { Random } from '../model/random.ts';
import type { Tensor } from '../model/tensor.ts';

/**
 * Inputs of which every second sample ends in padding, of a length of its own in each input, so that what masks do shows: zeros in token ids
 * [B,T], the value that a mask looks for in sequences [B,T,I]. Other inputs stay as they are, and every sample keeps a step.
 */
export function paddedInputs(graph: Graph, inputs: readonly Tensor[], random: Random): Tensor[] {
  return inputs.map((input, i) => {
    const value = paddingOf(graph, graph.inputs[i]);
    const [samples, steps, ...features] = input.shape;
    if (value === undefined || steps === undefined || steps < 2) return input;
    const width = features.reduce((product, length) => product * length, 1);
    const data = input.data.slice();
    for (let sample = 0; sample < samples; sample += 2) {
      const from = 1 + random.below(steps - 1);
      data.fill(value, (sample * steps + from) * width, (sample + 1) * steps * width);
    }
    return { ...input, data };
  });
}

/** What stands at steps that are none; undefined where nothing tells. */
function paddingOf({ nodes }: Graph, { name, dtype }: GraphInput): number | undefined {
  const mask = nodes.find((node) => node.op === 'NotEqualMask' && node.inputs[0] === name);
  if (mask?.op === 'NotEqualMask') return mask.value;
  return dtype === 'int32' ? 0 : undefined;
}
