import type { Message } from '../protocol/messages.ts';
import { UserError } from '../protocol/userError.ts';
import { unitGroups } from './granularity/unit.ts';
import type { Plannable, PlannedSet } from './plan.ts';
import { type Prunable, partCount } from './prunable.ts';
import { type CompleteRecipe, type OwnTarget, sharedTarget } from './recipe.ts';
import { everything } from './scope.ts';
import type { Target } from './target.ts';
import type { UnitSet } from './units/unitSet.ts';
import { unitSetsOf } from './units/unitSets.ts';

interface Competitors {
  readonly target: Target;
  readonly units: UnitSet[];
  readonly members: Set<Prunable>;
}

/**
 * Sets of hidden units: those of a layer, with all layers that it is tied to, or of the whole model. Layers of which something is excluded
 * keep their units; so do those that cannot lose any, which the notes say. Throws unitsFrozen or unitsExcluded where none can,
 * and targetCuts.
 */
export function unitPlan(
  model: Plannable,
  prunables: readonly Prunable[],
  recipe: CompleteRecipe,
): { sets: PlannedSet[]; notes: Message[] } {
  const notes: Message[] = [];
  const cut: string[] = [];
  const sets = new Map<string, Competitors>();
  for (const units of unitSetsOf(model)) {
    const members = prunables.filter(({ part }) => part && units.layers.includes(part.layer));
    const whole = units.layers.reduce((sum, layer) => sum + partCount(layer), 0);
    const names = units.layers.map(({ name }) => name).join(' + ');
    if (members.length < whole) {
      cut.push(names);
      continue;
    }
    if (units.frozen) {
      addOnce(notes, { code: 'noteUnitsFrozen', args: { layers: names }, cause: units.frozen });
      continue;
    }
    const own = sharedTarget(members, names, recipe);
    const target = own ? { sparsity: own.target } : recipe.target;
    const name = setName(own, names, recipe);
    const known = sets.get(name) ?? { target, units: [], members: new Set() };
    known.units.push(units);
    for (const member of members) known.members.add(member);
    sets.set(name, known);
  }
  if (sets.size === 0) {
    const [frozen] = notes;
    if (frozen) throw new UserError('unitsFrozen', frozen.args, frozen.cause);
    throw new UserError('unitsExcluded', { layers: [...new Set(cut)] });
  }
  return {
    sets: [...sets].map(([name, { target, units, members }]) => ({
      name,
      members: [...members],
      target,
      grouping: unitGroups(units, [...members]),
    })),
    notes,
  };
}

/** Layers that fit one name compete with each other only where everything does. */
function setName(own: OwnTarget | undefined, layers: string, { scope }: CompleteRecipe): string {
  if (scope === 'global') return own?.name ?? everything;
  return own ? `${own.name} (${layers})` : layers;
}

function addOnce(notes: Message[], note: Message): void {
  if (!notes.some((known) => JSON.stringify(known) === JSON.stringify(note))) notes.push(note);
}
