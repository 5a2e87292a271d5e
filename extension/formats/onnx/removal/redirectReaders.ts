import { endsOf, type Redirection } from '../../../model/removal.ts';
import type { Counterpart } from '../contents.ts';
import type { OnnxGraph } from '../proto.ts';
import type { GraphEditor } from '../save/graphEditor.ts';
import { removeUnread } from '../save/unread.ts';

/**
 * Has the nodes that read one value read another one instead, by a name that holds it with its axes in the same order, and takes out what
 * nobody reads then. False where the file has no such name, or the value is an output by its own.
 * @param counterparts what the names of the file are in our graph
 */
export function redirectReaders(
  graph: OnnxGraph,
  counterparts: ReadonlyMap<string, Counterpart>,
  redirections: readonly Redirection[],
  editor: GraphEditor,
): boolean {
  const ends = endsOf(redirections);
  const leaving = new Set(redirections.map(({ from }) => from));
  const leaves = (name: string) => leaving.has(counterparts.get(name)?.value ?? '');
  if (graph.outputs.some(({ name }) => leaves(name))) return false;
  const madeBy = new Map(graph.nodes.flatMap(({ outputs }, i) => outputs.map((name) => [name, i] as const)));
  const names = Map.groupBy(counterparts.keys(), (name) => formOf(counterparts.get(name)));
  for (const [i, node] of graph.nodes.entries())
    for (const [input, name] of node.inputs.entries()) {
      const read = counterparts.get(name);
      if (!read || !leaves(name)) continue;
      const form = formOf({ ...read, value: ends(read.value) });
      // Nodes may read only what stands before them; the last name is that behind a bias that belongs to the value, too.
      const instead = names.get(form)?.findLast((other) => (madeBy.get(other) ?? -1) < i);
      if (form !== undefined && instead !== undefined) editor.setInput(node, input, instead);
    }
  const rest = removeUnread(graph, editor);
  if (rest.some((node) => editor.inputsOf(node).some(leaves))) return false;
  const made = new Set([...graph.inputs.map(({ name }) => name), ...rest.flatMap(({ outputs }) => outputs)]);
  for (const { name, place } of graph.valueInfo.values()) if (!made.has(name)) editor.remove(place);
  return true;
}

function formOf(counterpart: Counterpart | undefined): string | undefined {
  const { value, layout } = counterpart ?? {};
  return layout === undefined ? undefined : JSON.stringify([value, layout]);
}
