import type { OnnxGraph, OnnxNode } from '../proto.ts';
import { bodies } from '../recurrent/found.ts';
import type { GraphEditor } from '../save/graphEditor.ts';

/**
 * Takes out nodes and initializers that were read before the changes and are read by nobody now. Outputs that nobody ever read keep no
 * node.
 * @returns the nodes that are left
 */
export function removeUnread(graph: OnnxGraph, editor: GraphEditor): readonly OnnxNode[] {
  const before = reads(graph, graph.nodes, ({ inputs }) => inputs);
  let nodes = graph.nodes;
  for (;;) {
    const now = reads(graph, nodes, (node) => editor.inputsOf(node));
    const gone = (name: string) => before.has(name) && !now.has(name);
    const isRead = (name: string) => name !== '' && now.has(name);
    const rest = nodes.filter(({ outputs }) => outputs.some(isRead) || !outputs.some(gone));
    if (rest.length < nodes.length) {
      nodes = rest;
      continue;
    }
    const kept = new Set(nodes);
    for (const node of graph.nodes) if (!kept.has(node)) editor.remove(node.place);
    const values = [...graph.initializers.values()].filter(({ name }) => gone(name));
    const names = new Set(values.map(({ name }) => name));
    // Up to IR version 3 they are inputs, too, which would have to be given where they have no values.
    for (const { place } of [...values, ...graph.inputs.filter(({ name }) => names.has(name))])
      editor.remove(place);
    return nodes;
  }
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
