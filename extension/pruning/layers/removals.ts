import type { Graph, GraphNode, ValueName } from '../../model/graph.ts';
import type { RecurrentLayer } from '../../model/recurrentLayer.ts';
import type { Redirection } from '../../model/removal.ts';
import { inferShapes } from '../../ops/infer.ts';
import { redirected } from '../../ops/redirect.ts';
import type { Shape } from '../../ops/shape.ts';
import type { Message } from '../../protocol/messages.ts';
import { type RecurrentBlock, recurrentBlocks, Uses } from './recurrentBlocks.ts';

/** A recurrent layer, both directions of one together, and how the model can do without it. */
export interface LayerRemoval {
  /** As people know it: the directions' names, joined. */
  readonly name: string;
  readonly layers: readonly RecurrentLayer[];
  /** What takes its place; or why it cannot go. */
  readonly way: { readonly redirection: Redirection } | { readonly reason: Message };
}

/**
 * How each recurrent layer of a graph could be removed whole without any other layer noticing a change of shapes, in the order of the
 * graph. One whose output only enters the sum of a residual connection is left out of it, which is what zeros as its weights would do; one
 * whose output is as its input passes that on instead. Throws graphUnsupported.
 */
export function layerRemovals(graph: Graph): LayerRemoval[] {
  const uses = new Uses(graph);
  const shapes = inferShapes(graph);
  const removals = new Map<string, LayerRemoval>();
  const claimed = new Set<ValueName>();
  for (const block of recurrentBlocks(graph, uses)) {
    const layers = block.nodes.map(({ layer }) => layer);
    const name = layers.map((layer) => layer.name).join(' + ');
    // A layer that is used twice is two blocks, neither of which can go.
    if (removals.has(name)) continue;
    const way = wayOf(block, graph, uses, shapes, claimed);
    if ('redirection' in way) claimed.add(way.redirection.from);
    removals.set(name, { name, layers, way });
  }
  return [...removals.values()];
}

/** Recurrent layers that nothing reads any more after redirections, but for some. */
export function starvedLayers(
  graph: Graph,
  redirections: readonly Redirection[],
  but: readonly RecurrentLayer[],
): RecurrentLayer[] {
  const left = new Set(redirected(graph, redirections).nodes.flatMap(layersOf));
  const all = new Set(graph.nodes.flatMap(layersOf));
  return [...all].filter((layer) => !left.has(layer) && !but.includes(layer));
}

/** @param claimed sums of which another layer is left out */
function wayOf(
  block: RecurrentBlock,
  graph: Graph,
  uses: Uses,
  shapes: ReadonlyMap<ValueName, Shape>,
  claimed: ReadonlySet<ValueName>,
): LayerRemoval['way'] {
  const obstacle = obstacleOf(block, graph);
  if (obstacle) return { reason: obstacle };
  const rest = outOfSum(block, uses, shapes);
  // Passed by, its input would be added once more.
  if (rest && uses.isOutput(rest.from)) return { reason: { code: 'reasonLayerOutput', args: {} } };
  if (rest && !claimed.has(rest.from) && !starved(block, graph, rest)) return { redirection: rest };
  const unfit = misfitOf(block, uses, shapes);
  if (unfit) return { reason: unfit };
  const bypass = { from: block.output as ValueName, to: block.input };
  const others = starved(block, graph, bypass);
  return others ? { reason: others } : { redirection: bypass };
}

function obstacleOf({ nodes, output }: RecurrentBlock, graph: Graph): Message | undefined {
  const own = new Set(nodes.map(({ layer }) => layer));
  const uses = graph.nodes.filter((node) => 'layer' in node && own.has(node.layer)).length;
  if (uses > nodes.length) return { code: 'reasonLayerShared', args: {} };
  const takesState = nodes.some(({ inputs }) => inputs.length > 1);
  return takesState || output === undefined ? { code: 'reasonLayerState', args: {} } : undefined;
}

/** The sum without the layer, where nothing else reads the layer, and zeros reach the sum as zeros. */
function outOfSum(
  { output }: RecurrentBlock,
  uses: Uses,
  shapes: ReadonlyMap<ValueName, Shape>,
): Redirection | undefined {
  let at = output as ValueName;
  let reader = uses.soleReader(at);
  while (reader && keepsZeros(reader, at)) {
    [at] = reader.outputs;
    reader = uses.soleReader(at);
  }
  if (reader?.op !== 'Add' || reader.inputs.length !== 2) return undefined;
  const [from] = reader.outputs;
  const to = reader.inputs.find((name) => name !== at);
  return to !== undefined && sameShape(shapes.get(from), shapes.get(to)) ? { from, to } : undefined;
}

function keepsZeros({ op, inputs }: GraphNode, name: ValueName): boolean {
  return (op === 'Dropout' || op === 'Scale' || op === 'ApplyMask') && inputs[0] === name;
}

/** Why a layer's input cannot take the place of its output. */
function misfitOf(
  { nodes, input, output, turnsRound }: RecurrentBlock,
  uses: Uses,
  shapes: ReadonlyMap<ValueName, Shape>,
): Message | undefined {
  const name = output as ValueName;
  const [before, after] = [shapes.get(input), shapes.get(name)];
  if (uses.isOutput(name)) return { code: 'reasonLayerOutput', args: {} };
  if (after?.length !== before?.length) return { code: 'reasonLayerLastStep', args: {} };
  if (!sameShape(before, after)) {
    const { inputSize } = nodes[0].layer;
    return { code: 'reasonLayerWidth', args: { inputs: inputSize, outputs: after?.at(-1) ?? 0 } };
  }
  return turnsRound ? { code: 'reasonLayerTurns', args: {} } : undefined;
}

function sameShape(a: Shape | undefined, b: Shape | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Why a layer cannot go without others. */
function starved({ nodes }: RecurrentBlock, graph: Graph, redirection: Redirection): Message | undefined {
  const own = nodes.map(({ layer }) => layer);
  const others = starvedLayers(graph, [redirection], own);
  return others.length === 0 ? undefined : feeds(others);
}

/** Why a layer cannot go that alone reads others. */
export function feeds(layers: readonly RecurrentLayer[]): Message {
  return { code: 'reasonLayerFeeds', args: { layers: layers.map(({ name }) => name) } };
}

function layersOf(node: GraphNode): RecurrentLayer[] {
  return 'layer' in node ? [node.layer] : [];
}
