import type { Recipe } from './recipe.ts';
import { aboutTraining, absentKeys, clashesOf } from './recipeRules.ts';

type Key = keyof Recipe;

/**
 * A file's recipe with flags over it. Flags win: what they give takes the place of the file's keys of the same names, and the file's keys
 * that do not go together with it fall. What then counts instead may have others of the file fall in turn: beside `--sparsity` a file's
 * granularity n:m falls, and with it its pattern. Nothing falls that leaves a flag refused all the same, so that the refusal names what the
 * file says.
 */
export function recipeOver(file: Recipe, flags: Recipe): Recipe {
  const kept: Recipe = { ...file };
  const settled = new Set<Key>();
  const settle = (key: Key) => {
    delete kept[key];
    settled.add(key);
  };
  for (const key of Object.keys(flags) as Key[]) settle(key);
  if (flags.epochs === 0) for (const key of ofTraining(kept)) settle(key);
  for (;;) {
    const weaker = givingWay(kept, flags, settled);
    if (weaker === undefined) return { ...kept, ...flags };
    settle(weaker);
  }
}

/** What has no effect where nothing is trained. */
function ofTraining(recipe: Recipe): Key[] {
  const { schedule = absentKeys.schedule } = recipe;
  return schedule === absentKeys.schedule ? [...aboutTraining] : [...aboutTraining, 'schedule'];
}

/** A key of the file beside which what is settled would be refused, and without which it would not. */
function givingWay(kept: Recipe, flags: Recipe, settled: ReadonlySet<Key>): Key | undefined {
  for (const { keys } of clashesOf({ ...kept, ...flags })) {
    const [weaker, ...others] = keys.filter((key) => kept[key] !== undefined);
    if (weaker === undefined || others.length > 0) continue;
    const [stronger] = keys.filter((key) => key !== weaker);
    if (settled.has(stronger) && !clash({ ...kept, ...flags, [weaker]: undefined }, keys)) return weaker;
  }
  return undefined;
}

function clash(recipe: Recipe, keys: readonly Key[]): boolean {
  return [...clashesOf(recipe)].some((one) => keys.every((key) => one.keys.includes(key)));
}
