import type { PickleNode, PickleValue } from './values.ts';

/** Every node below a value, each once, in the order of the pickle as far as that goes. */
export function* nodesBelow(root: PickleValue): Generator<PickleNode> {
  const seen = new Set<PickleNode>();
  const waiting: PickleValue[] = [root];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (value === null || typeof value !== 'object' || value instanceof Uint8Array || seen.has(value))
      continue;
    seen.add(value);
    yield value;
    const parts = [...partsOf(value)];
    for (let i = parts.length - 1; i >= 0; i--) waiting.push(parts[i]);
  }
}

function* partsOf(node: PickleNode): Generator<PickleValue> {
  switch (node.kind) {
    case 'tuple':
    case 'list':
    case 'set':
      yield* node.items;
      return;
    case 'dict':
      for (const [key, value] of node.entries) yield* [key, value];
      return;
    case 'object':
      yield node.made;
      yield node.args;
      if (node.state !== undefined) yield node.state;
      yield* node.items ?? [];
      for (const [key, value] of node.entries ?? []) yield* [key, value];
      return;
    case 'persistent':
      yield node.id;
      return;
    case 'global':
  }
}
