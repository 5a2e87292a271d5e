import { isDeepStrictEqual } from 'node:util';
import type { Graph, GraphNode, ValueName } from '../model/graph.ts';

/**
 * Whether a graph computes by the same nodes over the same parameters what another one computes, whatever its values are called.
 * @param ends what is read in place of a value of the first graph
 * @param sameSettings compares nodes apart from the names of their values
 */
export function sameGraph(
  a: Graph,
  b: Graph,
  ends: (name: ValueName) => ValueName,
  sameSettings: (one: object, other: object) => boolean = isDeepStrictEqual,
): boolean {
  const makers = [a, b].map(makersOf);
  const known = new Map<ValueName, ValueName>();
  const same = (first: ValueName | undefined, second: ValueName | undefined): boolean => {
    if (first === undefined || second === undefined) return first === second;
    const name = ends(first);
    if (known.has(name)) return known.get(name) === second;
    known.set(name, second);
    const [one, other] = [makers[0].get(name), makers[1].get(second)];
    if (!one || !other || one.place !== other.place) return false;
    if (!('node' in one && 'node' in other)) return !('node' in one || 'node' in other);
    const [reads, others] = [one.node, other.node].map(readBy);
    return (
      sameSettings(settingsOf(one.node), settingsOf(other.node)) &&
      reads.length === others.length &&
      reads.every((read, i) => same(read, others[i]))
    );
  };
  return (
    a.outputs.length === b.outputs.length &&
    a.outputs.every(({ name, mask }, i) => same(name, b.outputs[i].name) && same(mask, b.outputs[i].mask))
  );
}

/** An input of the model, or an output of a node, by its number. */
type Maker = { readonly place: number } | { readonly place: number; readonly node: GraphNode };

function makersOf({ inputs, nodes }: Graph): Map<ValueName, Maker> {
  const made = nodes.flatMap((node) => node.outputs.map((name, place) => [name, { place, node }] as const));
  return new Map<ValueName, Maker>([...inputs.map(({ name }, place) => [name, { place }] as const), ...made]);
}

function readBy(node: GraphNode): (ValueName | undefined)[] {
  const mask = 'mask' in node ? node.mask : undefined;
  const masks = 'masks' in node ? (node.masks ?? []) : [];
  return [...node.inputs, mask, ...masks];
}

/** All of a node but for the names of values. */
function settingsOf(node: GraphNode): object {
  return {
    ...node,
    inputs: node.inputs.length,
    outputs: node.outputs.length,
    mask: undefined,
    masks: undefined,
  };
}
