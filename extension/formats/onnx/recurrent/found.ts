import { newBudget } from '../fold/computed.ts';
import { Scope } from '../fold/scope.ts';
import type { OnnxGraph, OnnxModel, OnnxNode } from '../proto.ts';
import { cellOf } from './cells.ts';

/** A node that is a recurrent layer, and where its names are meant. */
export interface FoundNode {
  readonly node: OnnxNode;
  readonly scope: Scope;
}

/** All recurrent layers of a model without calls, those in bodies among them, in the order of the nodes. */
export function foundNodes({ graph, functions }: OnnxModel): { main: Scope; found: FoundNode[] } {
  const found: FoundNode[] = [];
  const visit = (scope: Scope): void => {
    for (const node of scope.nodes) {
      if (cellOf(node)) found.push({ node, scope });
      for (const body of bodies(node)) visit(Scope.graph(body, scope));
    }
  };
  const main = Scope.graph(graph, undefined, functions.length === 0 ? newBudget() : undefined);
  visit(main);
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
