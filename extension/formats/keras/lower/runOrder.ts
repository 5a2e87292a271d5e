import type { Network } from '../config.ts';
import type { TensorReference } from '../references.ts';
import { incomplete } from './refusals.ts';

/**
 * The first output of each call that the outputs need, in the order in which Keras 3 runs the calls: by how many stand between them and the
 * outputs, most first; a layer that is called again counts as far from them as its farthest call that was met before (map_graph). Calls
 * that make nothing but masks count like others.
 */
export function runOrder(network: Network): TensorReference[] {
  const all = eachBehindItsInputs(network, { withMasks: true });
  const needed = eachBehindItsInputs(network);

  const depths = new Map<string, number>();
  const layerDepths = new Map<string, number>();
  for (const [key, { layer, inputs }] of [...all].toReversed()) {
    const depth = Math.max(depths.get(key) ?? 0, layerDepths.get(layer) ?? 0);
    depths.set(key, depth);
    layerDepths.set(layer, depth);
    for (const input of inputs.map(callKey)) depths.set(input, Math.max(depth + 1, depths.get(input) ?? 0));
  }
  // Of one depth in the order in which they were met: a Map keeps that, and so does sorting.
  const sorted = [...depths].sort(([, a], [, b]) => b - a);
  return sorted.flatMap(([key]) => {
    const found = needed.get(key);
    return found ? [firstOutput(found)] : [];
  });
}

/** The same, each call behind what it reads, and that in the order of the call or, as TensorFlow.js goes, from the last on. */
export function readingOrder(network: Network, lastFirst: boolean): TensorReference[] {
  return [...eachBehindItsInputs(network, { lastFirst }).values()].map(firstOutput);
}

/** Tells a call of a network from all others. */
export function callKey({ layer, call }: CallReference): string {
  return JSON.stringify([layer, call]);
}

type CallReference = Pick<TensorReference, 'layer' | 'call'>;

interface Met extends CallReference {
  readonly inputs: readonly TensorReference[];
}

/**
 * The calls that the outputs come from, each behind those that it reads. The ways back are followed by a stack of their own, as thousands of
 * layers in a row would overflow that of calls. Throws a `UserError` where a layer reads what is made of its own output.
 */
function eachBehindItsInputs(
  network: Network,
  { withMasks = false, lastFirst = false } = {},
): Map<string, Met> {
  const calls = new Map(network.layers.map(({ name, calls }) => [name, calls]));
  const given = new Set(network.inputs.map(({ layer }) => callKey({ layer, call: 0 })));
  const inputsOf = (one: CallReference): readonly TensorReference[] => {
    const { inputs = [], masks = [] } = calls.get(one.layer)?.[one.call] ?? {};
    if (given.has(callKey(one))) return [];
    return withMasks ? [...inputs, ...masks] : inputs;
  };
  const waiting: (CallReference | Met)[] = network.outputs.toReversed();
  const begun = new Set<string>();
  const finished = new Map<string, Met>();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const key = callKey(next);
    if ('inputs' in next) finished.set(key, next);
    if (finished.has(key)) continue;
    if (begun.has(key)) throw incomplete({ code: 'reasonLayerCycle', args: { layer: next.layer } });
    begun.add(key);
    const inputs = inputsOf(next);
    waiting.push({ layer: next.layer, call: next.call, inputs });
    for (const input of lastFirst ? inputs : inputs.toReversed()) waiting.push(input);
  }
  return finished;
}

function firstOutput({ layer, call }: Met): TensorReference {
  return { layer, call, output: 0 };
}
