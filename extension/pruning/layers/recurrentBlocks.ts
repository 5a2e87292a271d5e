import {
  type Graph,
  type GraphNode,
  isRecurrent,
  type RecurrentNode,
  type ValueName,
} from '../../model/graph.ts';
import { readsOf } from '../../model/reads.ts';

/** A recurrent layer in the graph, or both directions of one with what joins them. */
export interface RecurrentBlock {
  readonly nodes: readonly RecurrentNode[];
  readonly input: ValueName;
  /** Undefined where more than one of its outputs is read, or none. */
  readonly output: ValueName | undefined;
  /** Its outputs are not at the steps of its inputs but in the reverse order. */
  readonly turnsRound: boolean;
}

/** Who makes and who reads each value of a graph. */
export class Uses {
  readonly makers = new Map<ValueName, GraphNode>();
  readonly #readers = new Map<ValueName, GraphNode[]>();
  readonly #outputs: ReadonlySet<ValueName>;

  constructor({ nodes, outputs }: Graph) {
    for (const node of nodes) {
      for (const name of node.outputs) this.makers.set(name, node);
      for (const name of new Set(readsOf(node)))
        this.#readers.set(name, [...(this.#readers.get(name) ?? []), node]);
    }
    this.#outputs = new Set(
      outputs.flatMap(({ name, mask }) => (mask === undefined ? [name] : [name, mask])),
    );
  }

  isOutput(name: ValueName): boolean {
    return this.#outputs.has(name);
  }

  isUsed(name: ValueName): boolean {
    return this.isOutput(name) || this.#readers.has(name);
  }

  /** The only node that reads a value, which is no output of the model; undefined where there are more. */
  soleReader(name: ValueName): GraphNode | undefined {
    const readers = this.#readers.get(name) ?? [];
    return readers.length === 1 && !this.isOutput(name) ? readers[0] : undefined;
  }
}

/** The recurrent layers of a graph, in its order. */
export function recurrentBlocks({ nodes }: Graph, uses: Uses): RecurrentBlock[] {
  const blocks: RecurrentBlock[] = [];
  const seen = new Set<GraphNode>();
  for (const node of nodes) {
    if (!isRecurrent(node) || seen.has(node)) continue;
    const block = joined(node, uses) ?? single(node, uses);
    for (const own of block.nodes) seen.add(own);
    blocks.push(block);
  }
  return blocks;
}

/** Both directions and the node that joins them. */
function joined(node: RecurrentNode, uses: Uses): RecurrentBlock | undefined {
  const { output, input } = single(node, uses);
  const join = output === undefined ? undefined : uses.soleReader(output);
  if (join?.inputs.length !== 2) return undefined;
  const [first, second] = join.inputs.map((name) => directionOf(name, uses));
  if (!isRecurrent(first) || !isRecurrent(second) || first.layer.direction === second.layer.direction)
    return undefined;
  const nodes = [first, second];
  const parts = nodes.map((one) => single(one, uses));
  if (!parts.every((part) => part.input === input && part.output !== undefined)) return undefined;
  return { nodes, input, output: join.outputs[0], turnsRound: parts.some(({ turnsRound }) => turnsRound) };
}

/** What puts out a value that it may have turned round. */
function directionOf(name: ValueName, uses: Uses): GraphNode | undefined {
  const maker = uses.makers.get(name);
  if (maker?.op !== 'Reverse') return maker;
  return uses.makers.get(throughReverses(name, maker.origin, uses).name);
}

function single(node: RecurrentNode, uses: Uses): RecurrentBlock {
  const { name: input, count } = throughReverses(node.inputs[0], node.origin, uses);
  const used = node.outputs.filter((name) => uses.isUsed(name));
  let output = used.length === 1 ? used[0] : undefined;
  let turns = count;
  while (output !== undefined) {
    const reader: GraphNode | undefined = uses.soleReader(output);
    if (reader?.op !== 'Reverse' || reader.origin !== node.origin) break;
    output = reader.outputs[0];
    turns++;
  }
  return { nodes: [node], input, output, turnsRound: turns % 2 === 1 };
}

/** What a value was before a layer turned it round, and how often that did. */
function throughReverses(
  name: ValueName,
  origin: string,
  uses: Uses,
): { readonly name: ValueName; readonly count: number } {
  const maker = uses.makers.get(name);
  if (maker?.op !== 'Reverse' || maker.origin !== origin) return { name, count: 0 };
  const before = throughReverses(maker.inputs[0], origin, uses);
  return { name: before.name, count: before.count + 1 };
}
