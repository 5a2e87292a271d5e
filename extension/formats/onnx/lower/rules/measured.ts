import type { ValueName } from '../../../../model/graph.ts';
import type { OnnxNode } from '../../proto.ts';
import { nameOf } from '../../recurrent/found.ts';
import { freeLength, type Length } from '../lengths.ts';
import type { Lowering } from '../lowering.ts';
import { refused } from '../refuse.ts';
import { everySample, type Flow, flowOf, type Numbers, notional } from '../values.ts';

/** One length that is free until data comes as a computed number: so many ones are added up. */
export function measured(lowering: Lowering, { shape, values: [length] }: Numbers, node: OnnxNode): Flow {
  return flowOf(
    [countOf(lowering, length, node)],
    shape.map(() => notional),
  );
}

function countOf({ emitter }: Lowering, length: Length, node: OnnxNode): ValueName {
  const { factor, of } = typeof length === 'number' ? { factor: length, of: [] } : length;
  const origin = nameOf(node);
  const [hint] = node.outputs;
  const value = { shape: [1, 1], data: Float32Array.of(1) };
  const one = [everySample, { length: 1 }];
  const counts = of.map((name) => {
    const free = freeLength(name);
    const like = emitter.withLength(free);
    if (!like) throw refused(node, { code: 'reasonAxesFree', args: {} });
    // How many samples there are is no number of a sample.
    if (like.axis === 0) throw refused(node, { code: 'reasonMixesSamples', args: {} });
    const single = emitter.add({ op: 'Constant', value, inputs: [] }, one, origin, hint);
    const ones = emitter.add(
      { op: 'Expand', axis: 1, likeAxis: like.axis, inputs: [single, like.value] },
      [everySample, { length: free }],
      origin,
      hint,
    );
    return emitter.add({ op: 'Reduce', by: 'Sum', axes: [1], inputs: [ones] }, [everySample], origin, hint);
  });
  const all =
    counts.length === 1 ? counts[0] : emitter.add({ op: 'Mul', inputs: counts }, [everySample], origin, hint);
  if (factor === 1) return all;
  return emitter.add({ op: 'Scale', factor, inputs: [all] }, [everySample], origin, hint);
}
