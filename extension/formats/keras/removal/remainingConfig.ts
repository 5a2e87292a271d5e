import { type LayerConfig, type Network, networkClasses, networkOf } from '../config.ts';
import { type JsonPart, JsonText } from '../jsonText.ts';
import { join } from '../leaves.ts';
import { tensorKey } from '../lower/lowering.ts';
import type { TensorReference } from '../references.ts';
import { NetworkPart, type Reference } from './networkPart.ts';
import type { TensorRedirections } from './redirectedTensors.ts';

/** A model's configuration without the layers that no output depends on after redirections; every other byte stays. */
export function remainingConfig(text: string, model: LayerConfig, redirections: TensorRedirections): string {
  const json = new JsonText(text);
  editNetwork(json.root, model, '', { json, redirections });
  return json.toString();
}

interface Editing {
  readonly json: JsonText;
  readonly redirections: TensorRedirections;
}

function editNetwork(part: JsonPart, model: LayerConfig, path: string, editing: Editing): void {
  const { json, redirections } = editing;
  const network = networkOf(model);
  const parts = new NetworkPart(part, network, json);
  const follow = (tensor: TensorReference): TensorReference => {
    const next = redirections.get(tensorKey(path, tensor));
    return next ? follow(next) : tensor;
  };
  const live = liveCalls(network, parts, follow);
  const left = network.layers.filter(
    ({ name, className }) => className === 'InputLayer' || live.has(name) || !parts.layer(name),
  );
  moveInputShape(model, network, left, parts, json);
  const rewriting = { follow, live, parts, json };
  for (const { name } of left) rewriteCalls(name, rewriting);
  for (const reference of parts.outputs()) redirect(reference, rewriting);
  parts.keepOnly(new Set(left.map(({ name }) => name)));
  for (const layer of left) {
    const own = parts.layer(layer.name);
    if (own && networkClasses.has(layer.className)) editNetwork(own, layer, join(path, layer.name), editing);
  }
}

type Follow = (tensor: TensorReference) => TensorReference;
/** Calls that the outputs depend on, by layer. */
type LiveCalls = ReadonlyMap<string, ReadonlySet<number>>;

function liveCalls(network: Network, parts: NetworkPart, follow: Follow): LiveCalls {
  const live = new Map<string, Set<number>>();
  const waiting = [...network.outputs];
  for (let tensor = waiting.pop(); tensor; tensor = waiting.pop()) {
    const { layer, call } = follow(tensor);
    const calls = live.get(layer) ?? new Set();
    live.set(layer, calls);
    if (calls.has(call)) continue;
    calls.add(call);
    // In the text stand masks and whatever else is given by keyword, too; a Sequential writes no calls.
    const written = parts.references(layer, call).map(({ tensor }) => tensor);
    const own = network.layers.find(({ name }) => name === layer)?.calls[call]?.inputs ?? [];
    waiting.push(...written, ...own);
  }
  return live;
}

interface Rewriting {
  readonly follow: Follow;
  readonly live: LiveCalls;
  readonly parts: NetworkPart;
  readonly json: JsonText;
}

/** Leaves a layer the calls that the outputs depend on, reading what they are to read. */
function rewriteCalls(name: string, rewriting: Rewriting): void {
  const { live, parts, json } = rewriting;
  const calls = live.get(name) ?? new Set();
  for (const call of calls)
    for (const reference of parts.references(name, call)) redirect(reference, rewriting);
  const nodes = parts.layer(name)?.members?.get('inbound_nodes');
  const count = nodes?.items?.length ?? 0;
  const dead = new Set([...Array(count).keys()].filter((call) => !calls.has(call)));
  if (nodes && dead.size > 0) json.removeItems(nodes, dead);
}

/** Has a reference name what it is to read from now on, whose calls may be counted anew. */
function redirect({ part, tensor, about }: Reference, { follow, live, parts, json }: Rewriting): void {
  const end = follow(tensor);
  const call = [...(live.get(end.layer) ?? [])].filter((other) => other < end.call).length;
  const names = [end.layer, parts.numberOf(end.layer, call), end.output];
  for (const [i, item] of (part.items ?? []).slice(0, names.length).entries())
    if (json.valueOf(item) !== names[i]) json.replace(item, names[i]);
  if (end === tensor) return;
  // A free batch or time axis may be written in another way, and a layer may compute in its own type.
  const like = parts.about(end);
  for (const key of ['shape', 'dtype']) {
    const [own, other] = [about?.members?.get(key), json.valueOf(like?.members?.get(key))];
    if (own && other !== undefined && JSON.stringify(json.valueOf(own)) !== JSON.stringify(other))
      json.replace(own, other);
  }
}

/** The first layer of a Sequential without an input layer says the shape of the input. */
function moveInputShape(
  model: LayerConfig,
  network: Network,
  left: readonly LayerConfig[],
  parts: NetworkPart,
  json: JsonText,
): void {
  const [input, first] = network.layers;
  const next = left.find((layer) => layer !== input);
  if (model.className !== 'Sequential' || !input || parts.layer(input.name) || !next || next === first)
    return;
  const stated = 'batch_input_shape' in next.config || model.config.build_input_shape !== undefined;
  const config = parts.layer(next.name)?.members?.get('config');
  if (config && !stated && input.config.batch_shape !== null)
    json.insertMember(config, 'batch_input_shape', input.config.batch_shape);
}
