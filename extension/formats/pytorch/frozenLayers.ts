import { constantsIn } from './codeConstants.ts';
import { type CalledLayer, isHarmless, layerOf } from './frozenOperators.ts';
import { callsIn } from './scriptCalls.ts';
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
  for (const { line, lists } of linesOf(sources)) {
    const unused = new Map<string, number>();
    for (const constant of constantsIn(line)) unused.set(constant, (unused.get(constant) ?? 0) + 1);
    for (const call of callsIn(line)) {
      const layer = layerOf(call, (text) => lists.get(text) ?? listItems(text));
      if (seen++ > mostCalls) return { layers, beyond: beyond ?? call.name };
      if (!layer) {
        if (!isHarmless(call)) beyond ??= call.name;
        continue;
      }
      const used = [...layer.tensors.values()];
      for (const constant of used) unused.set(constant, (unused.get(constant) ?? 0) - 1);
      const key = JSON.stringify([layer.className, used]);
      const isAgain = used.length > 0 && known.has(key);
      // What computes a weight, or calls a layer twice, is more than a row of layers.
      if (isAgain || !used.every(isConstant)) beyond ??= call.name;
      if (isAgain) continue;
      known.add(key);
      const count = (counts.get(layer.className) ?? 0) + 1;
      counts.set(layer.className, count);
      layers.push([`${wordOf(layer.className)}${count}`, layer]);
    }
    for (const [constant, count] of unused) if (count > 0) beyond ??= constant;
  }
  return { layers, beyond };
}

/** LSTM: `lstm`; BatchNorm1d: `batchNorm`. */
function wordOf(className: string): string {
  const [, first, rest] = /^([A-Z]+(?![a-z])|[A-Z])(.*?)(?:1d)?$/.exec(className) ?? ['', className, ''];
  return first.toLowerCase() + rest;
}

/** Every line but those that define lists of constants, with these lists by the names of their variables. */
function* linesOf(
  sources: ReadonlyMap<string, string>,
): Generator<{ line: string; lists: Pick<ReadonlyMap<string, readonly string[]>, 'get'> }> {
  let taken = 0;
  for (const [file, source] of sources) {
    const own = new Map<string, readonly string[]>();
    const get = (name: string) => {
      const items = own.get(name);
      taken += items?.length ?? 0;
      return taken > mostTensors ? undefined : items;
    };
    for (const { text } of scriptLines(file, source)) {
      const line = withoutTexts(text);
      if (/^\s*(?:def|class) /.test(line)) {
        own.clear();
        continue;
      }
      const [, variable, list] = /^\s+(\w+) = (\[.*\])$/.exec(line) ?? [];
      const items = list === undefined ? undefined : listItems(list);
      if (variable !== undefined && items) own.set(variable, items);
      else yield { line, lists: { get } };
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
