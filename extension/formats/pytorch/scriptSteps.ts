import type { ScriptBounds } from './scriptBounds.ts';
import type { ScriptChanges, Variables } from './scriptChanges.ts';
import { collectedAll } from './scriptLists.ts';
import type { ScriptModel } from './scriptModel.ts';
import { differing } from './scriptResult.ts';
import {
  type AxisName,
  type CollectedValue,
  extentOf,
  isSame,
  itemsOf,
  type ScriptValue,
  unknown,
} from './scriptValues.ts';

/** What loops over all steps leave, of which two turns are gone through. */
export class ScriptSteps {
  readonly #model: ScriptModel;
  readonly #changes: ScriptChanges;
  readonly #bounds: ScriptBounds;
  #loops = 0;

  constructor(model: ScriptModel, changes: ScriptChanges, bounds: ScriptBounds) {
    this.#model = model;
    this.#changes = changes;
    this.#bounds = bounds;
  }

  /**
   * The first turn begins with zeros, others with what one before them leaves. What is not the same behind two of them is not known, and they
   * are gone through again with that, until nothing changes: then one turn stands for all.
   */
  goOver(axis: AxisName, variables: Variables, turn: () => void): void {
    const { isLater, loop } = this.#model;
    this.#model.loop = ++this.#loops;
    this.#beginLists(axis, variables);
    const before = new Map(variables);
    turn();
    this.#model.isLater = true;
    const lost = new Set<string>();
    for (let known = -1; known !== lost.size; ) {
      known = lost.size;
      const once = new Map(variables);
      this.#goOnWithLists(variables);
      turn();
      for (const [own, value] of variables) {
        const first = once.get(own) ?? value;
        if (!lost.has(own) && this.#isSame(first, value)) continue;
        lost.add(own);
        variables.set(own, differing(first, value, 'for'));
      }
    }
    const lists = new Map<ScriptValue, ScriptValue>();
    for (const [own, value] of variables)
      if (value.is === 'collected' || (!lost.has(own) && value !== before.get(own)))
        variables.set(own, this.#ended(value, lists));
    Object.assign(this.#model, { isLater, loop });
  }

  /** Lists that are empty are those that the loop may add to. */
  #beginLists(axis: AxisName, variables: Variables): void {
    const { loop } = this.#model;
    for (const value of [...variables.values()])
      if (value.is === 'items' && value.items.length === 0) {
        const list: CollectedValue = { is: 'collected', axis, loop, isAdded: false };
        this.#changes.changeList(value, list, 'torch.append', variables);
      }
  }

  #goOnWithLists(variables: Variables): void {
    for (const value of new Set(variables.values())) {
      if (value.is !== 'collected' || value.loop !== this.#model.loop || !value.isAdded) continue;
      const list: CollectedValue = { ...value, isAdded: false };
      this.#changes.addView(list, value);
      this.#changes.changeList(value, list, 'torch.append', variables);
    }
  }

  /** What a loop leaves of what it computes of each step; the same of the same list. */
  #ended(value: ScriptValue, lists: Map<ScriptValue, ScriptValue>): ScriptValue {
    if (value.is === 'items') return itemsOf(...value.items.map((item) => this.#ended(item, lists)));
    if (value.is === 'collected' && value.loop === this.#model.loop) {
      const list = lists.get(value) ?? collectedAll(value);
      lists.set(value, list);
      this.#changes.addView(list, value);
      return list;
    }
    if (value.is === 'slices' && value.of.each !== undefined) return unknown('torch.unbind');
    if (value.is !== 'tensor' || value.each === undefined) return value;
    const { each: _, cell: __, ...rest } = value;
    return { ...rest, layers: [...value.layers, 'last'] };
  }

  #isSame(a: ScriptValue, b: ScriptValue): boolean {
    this.#bounds.count(1 + (a === b ? 0 : extentOf(a) + extentOf(b)));
    return isSame(a, b);
  }
}
