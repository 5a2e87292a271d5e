import { Scope } from '../fold/scope.ts';
import type { OnnxAttribute, OnnxFunction, OnnxGraph, OnnxModel, OnnxNode } from '../proto.ts';
import { cellOf } from './cells.ts';

/** A node that is a recurrent layer, and where its names are meant. */
export interface FoundNode {
  readonly node: OnnxNode;
  readonly scope: Scope;
  /** In the main graph itself, not in the body of an If, Loop, Scan or function. */
  readonly inMain: boolean;
  /** Names of the calls of functions that lead to it. */
  readonly calls: readonly string[];
}

/** Functions that call functions, and nodes in all of them as often as they are called: no model has more. */
const deepestCall = 32;
const mostNodes = 2 ** 20;

/**
 * All recurrent layers of a model, those in bodies and functions among them, in the order of the nodes.
 * @param tooMany gives what is thrown where functions call each other without an end
 */
export function foundNodes(model: OnnxModel, tooMany: () => Error): { main: Scope; found: FoundNode[] } {
  const functions = new Map(model.functions.map((one) => [keyOf(one.domain, one.name, one.overload), one]));
  const found: FoundNode[] = [];
  let visited = 0;

  const visit = (scope: Scope, place: Pick<FoundNode, 'inMain' | 'calls'>): void => {
    for (const node of scope.nodes) {
      if (++visited > mostNodes || place.calls.length > deepestCall) throw tooMany();
      if (cellOf(node)) found.push({ node, scope, ...place });
      for (const graph of bodies(node)) visit(Scope.graph(graph, scope), { ...place, inMain: false });
      const callee = functions.get(keyOf(node.domain, node.opType, node.overload));
      if (callee)
        visit(calledScope(callee, node, scope), { inMain: false, calls: [...place.calls, nameOf(node)] });
    }
  };

  const main = Scope.graph(model.graph);
  visit(main, { inMain: true, calls: [] });
  return { main, found };
}

/** The graphs that a node holds. */
export function bodies({ attributes }: OnnxNode): OnnxGraph[] {
  return [...attributes.values()].flatMap(({ graph, graphs }) => [
    ...(graph ? [graph] : []),
    ...(graphs ?? []),
  ]);
}

/** A node's own name, which it need not have, or that of its first output. */
export function nameOf({ name, outputs, opType }: OnnxNode): string {
  return name || outputs.find((output) => output !== '') || opType;
}

function keyOf(domain: string, name: string, overload: string): string {
  return JSON.stringify([domain, name, overload]);
}

function calledScope({ inputs, nodes }: OnnxFunction, call: OnnxNode, around: Scope): Scope {
  const given = inputs.map((name, i) => [name, { scope: around, name: call.inputs[i] ?? '' }] as const);
  return Scope.call(
    nodes.map((node) => withAttributes(node, call.attributes)),
    new Map(given),
  );
}

/** A node of a function's body with the attributes that it takes from the call. */
function withAttributes(node: OnnxNode, given: ReadonlyMap<string, OnnxAttribute>): OnnxNode {
  if (![...node.attributes.values()].some(({ refersTo }) => refersTo)) return node;
  const attributes = new Map<string, OnnxAttribute>();
  for (const [name, attribute] of node.attributes) {
    const own = attribute.refersTo ? given.get(attribute.refersTo) : attribute;
    if (own) attributes.set(name, own);
  }
  return { ...node, attributes };
}
