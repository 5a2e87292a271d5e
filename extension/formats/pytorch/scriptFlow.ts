import { callsIn, type ScriptCall } from './scriptCalls.ts';

/** A part of a value: of a variable, call, tuple or list as it is written, the item that the indices lead to. */
interface Part {
  readonly text: string;
  readonly line: number;
  readonly path: readonly number[];
}

/** Where a value comes from: an operator, or a name that the function does not set, with what was picked out of it on the way. */
export interface Origin {
  /** A parameter's name; undefined of an operator. */
  readonly parameter?: string;
  readonly call?: ScriptCall;
  /** The line of the call. */
  readonly line: number;
  /** Which result of several the value is. */
  readonly result: number;
  /** The calls that pick one of an axis, leave it out or move it, the last one first. */
  readonly picks: readonly ScriptCall[];
}

/** Operators that hand on the values that they are given. */
const passing =
  /^torch\.(?:expand|contiguous|unsqueeze|to|detach|transpose|permute|dropout_?|select|squeeze|slice)$/;
const pick = /^torch\.(?:select|squeeze|transpose|permute)$/;

/** Parts of a value, and characters of all that are looked at. */
const mostParts = 2000;
const mostRead = 20_000_000;

/** What the variables of one function of TorchScript's code are set to, in all its branches and loops. */
export class ScriptFlow {
  readonly #set = new Map<string, Part[]>();
  readonly #loops = new Map<string, string[]>();
  readonly #returned: Omit<Part, 'path'>[] = [];
  #read = 0;

  /** What the function returns. */
  get returned(): readonly Omit<Part, 'path'>[] {
    return this.#returned;
  }

  /** @param line without what stands in quotes */
  add(line: string, at: number): void {
    const [, variable, range] = /^\s+for (\w+) in range\((.*)\):$/.exec(line) ?? [];
    if (variable !== undefined) listOf(this.#loops, variable).push(range);
    const [, returned] = /^\s+return (.+)$/.exec(line) ?? [];
    if (returned !== undefined) this.#returned.push({ text: returned, line: at });
    const [, left, comma, right] = /^\s+(\w+(?:, \w+)*)(,?)(?: : [^=]+)? = (.+)$/.exec(line) ?? [];
    if (left === undefined) return;
    const names = left.split(', ');
    const isTuple = names.length > 1 || comma !== '';
    const items = names.length > 1 ? itemsOf(`(${right})`) : undefined;
    for (const [i, name] of names.entries()) {
      const part = items?.length === names.length ? { text: items[i], path: [] } : undefined;
      listOf(this.#set, name).push({ line: at, ...(part ?? { text: right, path: isTuple ? [i] : [] }) });
    }
  }

  /** All that a value may come from; undefined where that is not known. Branches and turns of loops are not told apart. */
  originsOf(text: string, line: number, path: readonly number[] = []): Origin[] | undefined {
    const origins: Origin[] = [];
    const parts: (Part & { readonly picks: readonly ScriptCall[] })[] = [{ text, line, path, picks: [] }];
    const seen = new Set<string>();
    for (const part of parts) {
      const key = JSON.stringify(part);
      if (seen.has(key)) continue;
      seen.add(key);
      this.#read += key.length;
      if (parts.length > mostParts || this.#read > mostRead) return undefined;
      const { picks } = part;
      const call = callOf(part.text);
      const own = this.#set.get(part.text);
      const items = itemsOf(part.text);
      const [, indexed, index] = /^\((\w+)\)\[(\d+)\]$/.exec(part.text) ?? [];
      const [at, ...rest] = part.path;
      if (own) parts.push(...own.map((value) => ({ ...value, path: [...value.path, ...part.path], picks })));
      else if (indexed !== undefined)
        parts.push({ ...part, text: indexed, path: [Number(index), ...part.path] });
      else if (items && at === undefined) parts.push(...items.map((item) => ({ ...part, text: item })));
      else if (items?.[at] !== undefined) parts.push({ ...part, text: items[at], path: rest });
      else if (call && /^(?:annotate|unchecked_cast)$/.test(call.name))
        parts.push({ ...part, text: call.args[1] ?? '' });
      else if (call && passing.test(call.name) && (call.name !== 'torch.slice' || isWhole(call))) {
        parts.push({
          ...part,
          text: call.args[0] ?? '',
          picks: pick.test(call.name) ? [...picks, call] : picks,
        });
      } else if (call?.name !== 'uninitialized') {
        if (!call && !/^[A-Za-z_]\w*$/.test(part.text)) return undefined;
        const of = call ? { call } : { parameter: part.text };
        origins.push({ ...of, line: part.line, result: at ?? 0, picks });
      }
    }
    return origins;
  }

  /** Whether a call selects the step of a loop over all steps of a value. */
  selectsEach(
    { args: [, axis, at] }: ScriptCall,
    isOfValue: (variable: string, line: number) => boolean,
  ): boolean {
    const ranges = this.#loops.get(at) ?? [];
    return (
      ranges.length === 1 &&
      ranges.every((range) => {
        const [bound] = this.#set.get(range) ?? [{ text: range, line: 0 }];
        const { name, args } = callOf(bound.text) ?? { name: '', args: [] };
        return name === 'torch.size' && args[1] === axis && isOfValue(args[0], bound.line);
      })
    );
  }
}

function listOf<T>(lists: Map<string, T[]>, name: string): T[] {
  const list = lists.get(name) ?? [];
  lists.set(name, list);
  return list;
}

/** The call that a text is as a whole. */
function callOf(text: string): ScriptCall | undefined {
  const call = text.endsWith(')') ? callsIn(text).at(-1) : undefined;
  return call && `${call.name}(${call.args.join(', ')})` === text ? call : undefined;
}

/** The items of a tuple or list. */
function itemsOf(text: string): readonly string[] | undefined {
  if (!/^(?:\(.*\)|\[.*\])$/.test(text)) return undefined;
  return callOf(`tuple(${text.slice(1, -1).replace(/,$/, '')})`)?.args;
}

/** (input, axis, start, end, step) */
function isWhole({ args: [, , start = 'None', end = 'None', step = '1'] }: ScriptCall): boolean {
  return /^(?:None|0)$/.test(start) && /^(?:None|9223372036854775807)$/.test(end) && step === '1';
}
