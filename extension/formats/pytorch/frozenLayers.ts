import { constantsIn } from './codeConstants.ts';
import { brokenAt, type PlacedCall } from './frozenChain.ts';
import { type CalledLayer, isHarmless, layerOf } from './frozenOperators.ts';
import { callsIn } from './scriptCalls.ts';
import { ScriptFlow } from './scriptFlow.ts';
import { scriptLines, withoutTexts } from './scriptLines.ts';

/** The layers of frozen code, in its order. */
export interface FrozenLayers {
  /** By names that say their kinds and count them: `lstm1`, `linear2`. */
  readonly layers: readonly (readonly [name: string, layer: CalledLayer])[];
  /** The first operator or constant that is of none of them; undefined where there is no such thing. */
  readonly beyond: string | undefined;
}

/** Tensors of all layers, of which the largest known models have a few hundred: code may name a long list in each of very many lines. */
const mostTensors = 100_000;
/** Calls that are looked at; what is beyond them is not known to be a layer. */
const mostCalls = 50_000;

/** The layers that the code of a frozen archive calls; those that are called again are there once. */
export function frozenLayers(sources: ReadonlyMap<string, string>): FrozenLayers {
  const layers: (readonly [string, CalledLayer])[] = [];
  const counts = new Map<string, number>();
  const known = new Set<string>();
  let beyond: string | undefined;
  let seen = 0;
  const functions = new Map<ScriptFlow, PlacedCall[]>();
  for (const { line, lists, flow, at } of linesOf(sources)) {
    const placed = functions.get(flow) ?? [];
    functions.set(flow, placed);
    flow.add(line, at);
    const unused = new Map<string, number>();
    for (const constant of constantsIn(line)) unused.set(constant, (unused.get(constant) ?? 0) + 1);
    for (const call of callsIn(line)) {
      const layer = layerOf(call, (text) => lists.get(text) ?? listItems(text));
      if (seen++ > mostCalls) return { layers, beyond: beyond ?? call.name };
      if (!layer) {
        if (!isHarmless(call)) beyond ??= call.name;
        continue;
      }
      placed.push({ call, line: at });
      const used = [...layer.tensors.values()];
      for (const constant of used) unused.set(constant, (unused.get(constant) ?? 0) - 1);
      const key = JSON.stringify([layer.className, used]);
      const isAgain = used.length > 0 && known.has(key);
      const isBareNorm = used.length === 0 && /Norm/.test(layer.className);
      // What computes a weight, or calls a layer twice, is more than a row; a normalization without weights is no layer that is known.
      if (isAgain || isBareNorm || !used.every(isConstant)) beyond ??= call.name;
      if (isAgain) continue;
      known.add(key);
      const count = (counts.get(layer.className) ?? 0) + 1;
      counts.set(layer.className, count);
      layers.push([`${wordOf(layer.className)}${count}`, layer]);
    }
    for (const [constant, count] of unused) if (count > 0) beyond ??= constant;
  }
  const chains = [...functions].filter(([, placed]) => placed.length > 0);
  // What one function computes of another's layers would have to be followed, too.
  beyond ??= chains.length > 1 ? chains[1][1][0].call.name : undefined;
  return { layers, beyond: beyond ?? chains.map(([flow, placed]) => brokenAt(flow, placed))[0] };
}

/** LSTM: `lstm`; BatchNorm1d: `batchNorm`. */
function wordOf(className: string): string {
  const [, first, rest] = /^([A-Z]+(?![a-z])|[A-Z])(.*?)(?:1d)?$/.exec(className) ?? ['', className, ''];
  return first.toLowerCase() + rest;
}

interface CodeLine {
  readonly line: string;
  readonly at: number;
  /** Of the constants that variables are lists of, by the variables' names. */
  readonly lists: Pick<ReadonlyMap<string, readonly string[]>, 'get'>;
  /** Of the function that the line is of. */
  readonly flow: ScriptFlow;
}

/** Every line but those that define lists of constants. */
function* linesOf(sources: ReadonlyMap<string, string>): Generator<CodeLine> {
  let taken = 0;
  for (const [file, source] of sources) {
    const own = new Map<string, readonly string[]>();
    let flow = new ScriptFlow();
    const get = (name: string) => {
      const items = own.get(name);
      taken += items?.length ?? 0;
      return taken > mostTensors ? undefined : items;
    };
    for (const { text, number: at } of scriptLines(file, source)) {
      const line = withoutTexts(text);
      if (/^\s*(?:def|class) /.test(line)) {
        own.clear();
        flow = new ScriptFlow();
        continue;
      }
      const [, variable, list] = /^\s+(\w+) = (\[.*\])$/.exec(line) ?? [];
      const items = list === undefined ? undefined : listItems(list);
      if (variable !== undefined && items) own.set(variable, items);
      else yield { line, at, lists: { get }, flow };
    }
  }
}

/** The items of a list of constants alone. */
function listItems(text: string): string[] | undefined {
  const items = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1).split(', ') : [];
  return items.length > 0 && items.every(isConstant) ? items : undefined;
}

function isConstant(text: string): boolean {
  return /^CONSTANTS\.c\d+$/.test(text);
}
