import type { GateView } from '../model/gateView.ts';
import type { Parameter } from '../model/parameter.ts';
import type { RecurrentLayer } from '../model/recurrentLayer.ts';
import type { Message } from '../protocol/messages.ts';

/** Number of a place that a layer computes: of a hidden unit, or of an output of a dense or an embedding layer. */
export type Slot = number;

/** Which unit stands at each place along an axis of a value. */
export interface Units {
  readonly slots: Int32Array;
  /** 1: the value is 0 here wherever the unit itself is 0. */
  readonly keepsZero: Uint8Array;
}

/** Weights through which units read others: value (r, c) of every view makes `rows[r]` depend on `columns.slots[c]`. */
export interface Reading {
  readonly views: readonly GateView[];
  /** Undefined where what reads is part of no unit. */
  readonly rows: Int32Array | undefined;
  /** Undefined where what is read cannot be cut. */
  columns: Units | undefined;
  /** Those of the views without which the rows are 0 if what is added to them is 0, too. */
  readonly makers: readonly GateView[];
  /** Whose gates these are; undefined of other layers. */
  readonly layer?: RecurrentLayer;
  /** A layer reads its own units of the step before. */
  readonly recurrent: boolean;
}

/** Weights of which each unit has its own: row r belongs to `slots[r]`; undefined where nothing can be cut. */
export interface Entries {
  readonly view: GateView;
  slots: Int32Array | undefined;
  /** They are added to the unit, which is 0 only if they are. */
  readonly added: boolean;
  readonly layer?: RecurrentLayer;
}

/** Units that are multiplied with one another and summed, as a query with a key: one may go only where it is 0. */
export interface Contraction {
  readonly slots: Int32Array;
}

/**
 * What is found out about units while they are followed through a graph: who reads them, which can only go together, and
 * which cannot go. What a layer owns has its slots once, however often the layer is applied.
 */
export class UnitTrace {
  readonly readings: Reading[] = [];
  readonly entries: Entries[] = [];
  readonly contractions: Contraction[] = [];
  readonly #parents: number[] = [];
  readonly #reasons = new Map<Slot, Message>();
  readonly #moved = new Set<Slot>();
  readonly #made = new Map<object, { slots: Int32Array; use: string }>();
  readonly #read = new Map<object, Reading>();
  readonly #owned = new Map<object, readonly Entries[]>();
  readonly #claims = new Map<Parameter, { use: object; slots: Int32Array[] }>();

  /**
   * The slots of what `owner` computes, made at the first call.
   * @param use what the owner is used as; one that is used as two things cannot be cut
   */
  slotsOf(owner: object, count: number, use: string, reason: Message): Int32Array {
    const known = this.#made.get(owner);
    if (known?.use === use) return known.slots;
    const slots = Int32Array.from({ length: count }, () => this.#parents.push(this.#parents.length) - 1);
    if (known) for (const both of [known.slots, slots]) this.freeze(both, reason);
    else this.#made.set(owner, { slots, use });
    return slots;
  }

  /** Whether a layer has been met that uses this tensor. */
  knows(parameter: Parameter): boolean {
    return this.#claims.has(parameter);
  }

  /** Slots of values that stay, beside units on one axis. */
  fixed(count: number, reason: Message): Int32Array {
    const slots = this.slotsOf({}, count, 'fixed', reason);
    this.freeze(slots, reason);
    this.moveFromZero(slots);
    return slots;
  }

  /** The units at the same places can only go together. */
  tie(a: Int32Array, b: Int32Array): void {
    for (const [i, slot] of a.entries()) this.#join(slot, b[i]);
  }

  /** None of these units can go. The first reason counts. */
  freeze(slots: Int32Array, reason: Message): void {
    for (const slot of slots) {
      const root = this.find(slot);
      if (!this.#reasons.has(root)) this.#reasons.set(root, reason);
    }
  }

  /** These units may be other than 0 whatever their weights are. */
  moveFromZero(slots: Iterable<Slot>): void {
    for (const slot of slots) this.#moved.add(slot);
  }

  /**
   * Weights that read units. A layer that is applied again reads all its inputs by them, so the units of those are tied.
   * @param key whose weights they are
   */
  read(
    key: object,
    reading: Omit<Reading, 'columns'> & { readonly columns: Units | undefined },
    reason: Message,
  ): void {
    const known = this.#read.get(key);
    if (known) {
      known.columns = this.tied([known.columns, reading.columns], reason);
      return;
    }
    const own = { ...reading };
    this.#read.set(key, own);
    this.readings.push(own);
    const slots = [...(own.rows ? [own.rows] : []), ...(own.columns ? [own.columns.slots] : [])];
    for (const { parameter } of own.views) this.#claim(parameter, own, slots, reason);
  }

  /** Weights that belong to one unit each. Where the layer is applied again, its units are tied. */
  own(key: object, entries: readonly Entries[], reason: Message): void {
    const known = this.#owned.get(key);
    if (known) {
      for (const [i, one] of known.entries())
        one.slots = this.#tiedSlots(one.slots, entries[i].slots, reason);
      return;
    }
    this.#owned.set(key, entries);
    this.entries.push(...entries);
    for (const { view, slots } of entries) this.#claim(view.parameter, entries, slots ? [slots] : [], reason);
  }

  /**
   * Units of several values that meet place by place; a value without units cannot be cut, and so the others neither.
   * The outcome is 0 where all are.
   */
  tied(all: readonly (Units | undefined)[], reason: Message): Units | undefined {
    const [first, ...others] = all;
    let slots = first?.slots;
    for (const other of others) slots = this.#tiedSlots(slots, other?.slots, reason);
    if (!slots) return undefined;
    const keepsZero = Uint8Array.from(slots, (_, i) => (all.every((one) => one?.keepsZero[i] === 1) ? 1 : 0));
    return { slots, keepsZero };
  }

  /** The slot that stands for all that a slot is tied to. */
  find(slot: Slot): Slot {
    let root = slot;
    while (this.#parents[root] !== root) root = this.#parents[root];
    for (let at = slot; this.#parents[at] !== root; ) {
      const next = this.#parents[at];
      this.#parents[at] = root;
      at = next;
    }
    return root;
  }

  /** Why a unit cannot go; undefined where it can. */
  reason(slot: Slot): Message | undefined {
    return this.#reasons.get(this.find(slot));
  }

  /** Number of slots; they are numbered from 0. */
  get size(): number {
    return this.#parents.length;
  }

  /** Slots that stand for others or for themselves alone. */
  roots(): Slot[] {
    return this.#parents.flatMap((parent, slot) => (parent === slot ? [slot] : []));
  }

  get moved(): ReadonlySet<Slot> {
    return this.#moved;
  }

  #tiedSlots(a: Int32Array | undefined, b: Int32Array | undefined, reason: Message): Int32Array | undefined {
    if (a && b && a.length === b.length) {
      this.tie(a, b);
      return a;
    }
    for (const slots of [a, b]) if (slots) this.freeze(slots, reason);
    return undefined;
  }

  /** A tensor that is used in two ways cannot be cut. */
  #claim(parameter: Parameter, use: object, slots: Int32Array[], reason: Message): void {
    const known = this.#claims.get(parameter);
    if (!known) this.#claims.set(parameter, { use, slots });
    else {
      known.slots.push(...slots);
      if (known.use !== use) for (const own of known.slots) this.freeze(own, reason);
    }
  }

  #join(a: Slot, b: Slot): void {
    const [keep, give] = [this.find(a), this.find(b)];
    if (keep === give) return;
    this.#parents[give] = keep;
    const reason = this.#reasons.get(keep) ?? this.#reasons.get(give);
    this.#reasons.delete(give);
    if (reason) this.#reasons.set(keep, reason);
  }
}
