import { UserError } from '../../protocol/userError.ts';
import {
  argumentsOf,
  globalName,
  nodeOf,
  type PickleEntry,
  type PickleNode,
  type PickleObject,
  type PickleValue,
} from '../pickle/values.ts';

/** A pickle may refer to one large dict from very many places; whoever goes through so many entries is led in circles. */
const mostEntries = 20_000_000;

/** Classes that hold their entries like a dict, be they empty; where entries were set, any class does. */
const dictClasses = new Set(['collections.OrderedDict', 'collections.defaultdict']);

/** Looks into the containers of a pickle, and bounds how much of that is done. */
export class Walk {
  readonly #file: string;
  readonly #entries = new Map<PickleNode, PickleEntry[]>();
  readonly #members = new Map<PickleNode, ReadonlySet<PickleValue>>();
  #left = mostEntries;

  /** @param file names it in messages */
  constructor(file: string) {
    this.#file = file;
  }

  /** The entries of a dict or an OrderedDict, in order; where a key was set twice, at the place of the first, the last value. */
  entries(value: PickleValue | undefined): readonly PickleEntry[] | undefined {
    const node = nodeOf(value, 'dict') ?? nodeOf(value, 'object');
    if (!node) return undefined;
    let entries = this.#entries.get(node);
    if (!entries) {
      const own = node.kind === 'dict' ? node.entries : this.#ownEntries(node);
      if (!own) return undefined;
      entries = [...new Map(own.map((entry) => [entry[0], entry])).values()];
      this.#entries.set(node, entries);
    }
    this.#spend(entries.length);
    return entries;
  }

  /** A value by its key; undefined where it is no dict or has no such key. */
  entry(value: PickleValue | undefined, key: string): PickleValue | undefined {
    return this.entries(value)?.find(([own]) => own === key)?.[1];
  }

  /** The items of a list or a tuple. */
  items(value: PickleValue | undefined): readonly PickleValue[] | undefined {
    const items = nodeOf(value, 'list')?.items ?? nodeOf(value, 'tuple')?.items;
    this.#spend(items?.length ?? 0);
    return items;
  }

  /** The items of a set. Protocol 2 has no opcode for one: `set([…])`. */
  members(value: PickleValue | undefined): ReadonlySet<PickleValue> | undefined {
    const node = nodeOf(value, 'set') ?? nodeOf(value, 'object');
    if (!node) return undefined;
    const known = this.#members.get(node);
    if (known) return known;
    const items = node.kind === 'set' ? node.items : this.items(argumentsOf(node)?.items.at(0));
    const members = new Set(items);
    this.#members.set(node, members);
    return members;
  }

  #ownEntries(object: PickleObject): PickleEntry[] | undefined {
    const name = globalName(object.made);
    if (!object.entries && (name === undefined || !dictClasses.has(name))) return undefined;
    // Python 2 hands an OrderedDict its entries as a list of pairs.
    const pairs = this.items(argumentsOf(object)?.items.at(0)) ?? [];
    const initial = pairs.flatMap((pair): PickleEntry[] => {
      const items = this.items(pair);
      return items?.length === 2 ? [[items[0], items[1]]] : [];
    });
    return [...initial, ...(object.entries ?? [])];
  }

  #spend(count: number): void {
    this.#left -= 1 + count;
    if (this.#left >= 0) return;
    const reason = { code: 'reasonPickleObjects', args: { limit: mostEntries } } as const;
    throw new UserError('fileDamaged', { file: this.#file }, reason);
  }
}
