import { type CalledLayer, layerOf } from './frozenOperators.ts';
import { callsIn } from './scriptCalls.ts';
import { scriptLines, withoutTexts } from './scriptLines.ts';

/** Tensors of all layers, of which the largest known models have a few hundred: code may name a long list in each of very many lines. */
const mostTensors = 100_000;
/** Calls that are looked at; what is beyond them is not known to be a layer. */
const mostCalls = 50_000;

/**
 * The layers with weights that the code of a frozen archive calls, in its order, by names that say their kinds and count them: `lstm1`,
 * `linear2`. Those that are called again are there once.
 */
export function frozenLayers(sources: ReadonlyMap<string, string>): Map<string, CalledLayer> {
  const layers = new Map<string, CalledLayer>();
  const counts = new Map<string, number>();
  const known = new Set<string>();
  let seen = 0;
  for (const { line, lists } of linesOf(sources))
    for (const call of callsIn(line)) {
      if (seen++ > mostCalls) return layers;
      const layer = layerOf(call, (text) => lists.get(text) ?? listItems(text));
      const used = [...(layer?.tensors.values() ?? [])];
      if (!layer || used.length === 0 || !used.every(isConstant)) continue;
      const key = layerKey(layer.className, used);
      if (known.has(key)) continue;
      known.add(key);
      const count = (counts.get(layer.className) ?? 0) + 1;
      counts.set(layer.className, count);
      layers.set(`${wordOf(layer.className)}${count}`, layer);
    }
  return layers;
}

/** By which a layer is known again. */
export function layerKey(className: string, constants: readonly string[]): string {
  return JSON.stringify([className, ...constants]);
}

/** LSTM: `lstm`; BatchNorm1d: `batchNorm`. */
function wordOf(className: string): string {
  const [, first, rest] = /^([A-Z]+(?![a-z])|[A-Z])(.*?)(?:1d)?$/.exec(className) ?? ['', className, ''];
  return first.toLowerCase() + rest;
}

interface CodeLine {
  readonly line: string;
  /** Of the constants that variables are lists of, by the variables' names. */
  readonly lists: Pick<ReadonlyMap<string, readonly string[]>, 'get'>;
}

/** Every line but those that define lists of constants. */
function* linesOf(sources: ReadonlyMap<string, string>): Generator<CodeLine> {
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
