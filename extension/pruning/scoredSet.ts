import type { Evidence } from '../model/evidence.ts';
import { type GateView, gathered } from '../model/gateView.ts';
import { type Parameter, readMasked } from '../model/parameter.ts';
import { roundHalfToEven } from '../model/roundHalfToEven.ts';
import { UserError } from '../protocol/userError.ts';
import { countBelow } from './criteria/threshold.ts';
import { bankMask } from './granularity/banks.ts';
import { ofWeights } from './granularity/granularity.ts';
import type { GrowingMasks } from './growingMasks.ts';
import { banksOf, type PlannedSet, type PruningPlan } from './plan.ts';
import type { CompleteRecipe } from './recipe.ts';
import { goneWeights, groupScores, type Scores, type Scoring, weightScores } from './score.ts';
import { keepMask } from './select.ts';
import type { Target } from './target.ts';

/** By what weights are judged, and what they are at present. */
export interface Grounds {
  /** Names the model in messages. */
  readonly file: string;
  /** What the criterion needs beside the weights. */
  readonly evidence?: Evidence | undefined;
  /** Present values, 0 where masked, where they are not the file's, as while training. */
  readonly valuesOf?: ((parameter: Parameter) => Float32Array | undefined) | undefined;
}

/** A set with the scores of its weights or groups. */
export interface ScoredSet extends Scores {
  readonly set: PlannedSet;
  /** Of groups: what is left of the members' weights, [rows, columns] of 0 and 1; without those of which everything is. */
  readonly left: readonly { readonly view: GateView; readonly keep: Uint8Array }[];
}

/** How many parameters are held at once: a layer's two matrices, which its gates read in turns. */
const held = 2;

/** How the weights of a plan are judged by its criterion. */
export function scoringOf(
  { criterion, recipe }: Pick<PruningPlan, 'criterion' | 'recipe'>,
  { file, evidence = {}, valuesOf }: Grounds,
): Scoring {
  const { seed, keepDiagonal, regrowZeros } = recipe;
  const known: { parameter: Parameter; values: Float32Array }[] = [];
  const read = async (parameter: Parameter) => {
    const found = known.find((one) => one.parameter === parameter);
    if (found) return found.values;
    const values = valuesOf?.(parameter) ?? (await readMasked(parameter));
    checkFinite(parameter, values, file);
    known.push({ parameter, values });
    if (known.length > held) known.shift();
    return values;
  };
  return { criterion, evidence, seed, keepDiagonal, regrowZeros, read };
}

function checkFinite({ name }: Parameter, values: Float32Array, file: string): void {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  // An exponent of ones, which infinities and NaN have, carries into the sign. No branch: there are tens of millions.
  let carry = 0;
  for (let i = 0; i < bits.length; i++) carry |= (bits[i] & 0x7f800000) + 0x00800000;
  if (carry < 0) throw new UserError('nonFiniteWeights', { file, parameter: name });
}

/** Judges a set's weights or groups. Throws nonFiniteWeights naming the parameter. */
export async function scoreSet(set: PlannedSet, scoring: Scoring): Promise<ScoredSet> {
  const { members, grouping } = set;
  if (!grouping) return { set, ...(await weightScores(members, scoring)), left: [] };
  const scores = await groupScores(members, grouping, scoring);
  const left: { view: GateView; keep: Uint8Array }[] = [];
  for (const { view } of members) {
    const gone = goneWeights({ view }, gathered(view, await scoring.read(view.parameter)), scoring);
    if (gone) left.push({ view, keep: gone.map((flag) => 1 - flag) });
  }
  return { set, ...scores, left };
}

/** 1 for each weight or group of a set that stays. */
export function keptAt(
  { set: { members }, scores, gone, fixed }: ScoredSet,
  target: Target,
  recipe: CompleteRecipe,
): Uint8Array {
  const banks = banksOf(recipe, target);
  const views = members.map(({ view }) => view);
  if (banks) return bankMask(scores, views, banks);
  const wanted = 'k' in target ? countBelow(scores, target.k, fixed) : wantedOf(scores.length, target);
  return keepMask(scores, Math.min(Math.max(wanted, gone), scores.length - fixed.size));
}

/** How many of so many weights or groups the target takes away. */
export function wantedOf(size: number, target: Target): number {
  if ('sparsity' in target) return roundHalfToEven(target.sparsity * size);
  throw new Error('a budget was not resolved');
}

/** Takes away what of a set does not stay; in groups that stay also what is gone already. */
export function takeSet(
  { set: { members, grouping }, left }: ScoredSet,
  keep: Uint8Array,
  masks: GrowingMasks,
): void {
  if (grouping) for (const part of grouping.parts) masks.take(part.view, ofWeights(part, keep));
  else {
    let at = 0;
    for (const { view } of members) {
      masks.take(view, keep.subarray(at, at + view.rows * view.columns));
      at += view.rows * view.columns;
    }
  }
  for (const { view, keep: own } of left) masks.take(view, own);
}
