import type { OnnxGraph, OnnxNode, OnnxTensor } from '../proto.ts';
import { bodies } from '../recurrent/found.ts';
import type { GraphEditor } from './graphEditor.ts';

/** What nobody reads after a change. */
export interface Unread {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
}

/**
 * Nodes and initializers that were read before a change of what nodes read and are read by nobody then. Outputs that nobody ever read keep
 * their nodes.
 */
export function unreadWith(graph: OnnxGraph, inputsOf: (node: OnnxNode) => readonly string[]): Unread {
  const before = reads(graph, graph.nodes, ({ inputs }) => inputs);
  let nodes = graph.nodes;
  for (;;) {
    const now = reads(graph, nodes, inputsOf);
    const gone = (name: string) => before.has(name) && !now.has(name);
    const isRead = (name: string) => name !== '' && now.has(name);
    const rest = nodes.filter(({ outputs }) => outputs.some(isRead) || !outputs.some(gone));
    if (rest.length < nodes.length) {
      nodes = rest;
      continue;
    }
    const kept = new Set(nodes);
    return {
      nodes: graph.nodes.filter((node) => !kept.has(node)),
      initializers: [...graph.initializers.values()].filter(({ name }) => gone(name)),
    };
  }
}

/**
 * Takes out what nobody reads after an editor's changes.
 * @returns the nodes that are left
 */
export function removeUnread(graph: OnnxGraph, editor: GraphEditor): readonly OnnxNode[] {
  const { nodes, initializers } = unreadWith(graph, (node) => editor.inputsOf(node));
  const names = new Set(initializers.map(({ name }) => name));
  // Up to IR version 3 they are inputs, too, which would have to be given where they have no values.
  const inputs = graph.inputs.filter(({ name }) => names.has(name));
  for (const { place } of [...nodes, ...initializers, ...inputs]) editor.remove(place);
  const gone = new Set(nodes);
  return graph.nodes.filter((node) => !gone.has(node));
}

/** Every name that a node, a body inside of one, or the graph's outputs read. */
function reads(
  { outputs }: Pick<OnnxGraph, 'outputs'>,
  nodes: readonly OnnxNode[],
  inputsOf: (node: OnnxNode) => readonly string[],
): Set<string> {
  const names = new Set(outputs.map(({ name }) => name));
  for (const node of nodes) {
    for (const name of inputsOf(node)) names.add(name);
    for (const body of bodies(node))
      for (const name of reads(body, body.nodes, ({ inputs }) => inputs)) names.add(name);
  }
  return names;
}
