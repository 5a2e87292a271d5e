import type { Evidence } from '../model/evidence.ts';
import { type GateView, gathered, scatterZeros } from '../model/gateView.ts';
import { type Parameter, readMasked, sizeOf } from '../model/parameter.ts';
import type { Message } from '../protocol/messages.ts';
import { UserError } from '../protocol/userError.ts';
import { countBelow } from './criteria/threshold.ts';
import { bankMask } from './granularity/banks.ts';
import { banksOf, type PlannedSet, type PruningPlan, parametersOf } from './plan.ts';
import type { CompleteRecipe } from './recipe.ts';
import { everything } from './scope.ts';
import { goneWeights, groupScores, type Scores, type Scoring, weightScores } from './score.ts';
import { keepMask, roundHalfToEven } from './select.ts';
import type { Target } from './target.ts';

export interface MaskOptions {
  /** Names the model in messages. */
  readonly file: string;
  /** What the criterion needs beside the weights. */
  readonly evidence?: Evidence;
  /** Present values where they are not the file's, as while training. */
  readonly valuesOf?: (parameter: Parameter) => Float32Array | undefined;
  /** The share of zeros that is due where so much is to go in the end; absent: all of it now. */
  readonly due?: (sparsity: number) => number;
  /** Called before each set; throws to stop. */
  readonly step?: (done: number) => Promise<void> | void;
}

/**
 * Sets the masks that a plan yields on the model's parameters; what a mask has taken away already stays away. Zeros that are there count as
 * pruned; a target below their share changes nothing and is noted. Throws nonFiniteWeights naming the parameter.
 */
export async function applyPlan(plan: PruningPlan, options: MaskOptions): Promise<Message[]> {
  const { step, due = (sparsity) => sparsity } = options;
  const scoring = scoringOf(plan, options);
  const masks = new Masks();
  const notes: Message[] = [];
  for (const [i, set] of plan.sets.entries()) {
    await step?.(i / plan.sets.length);
    const scored = await scoreSet(set, scoring);
    const target = 'sparsity' in set.target ? { sparsity: due(set.target.sparsity) } : set.target;
    await writeSet(scored, keptAt(scored, target, plan.recipe), masks, scoring);
    notes.push(...unreached(scored, target));
  }
  masks.putOn();
  return notes;
}

/** Does something with the masks of a plan, and takes them off again. The parameters have none yet. */
export async function withPlan<T>(
  plan: PruningPlan,
  options: MaskOptions,
  work: () => Promise<T>,
): Promise<T> {
  try {
    await applyPlan(plan, options);
    return await work();
  } finally {
    for (const parameter of parametersOf(plan)) delete parameter.mask;
  }
}

/** Masks that are being made, on top of those that the parameters have. */
class Masks {
  readonly #masks = new Map<Parameter, Uint8Array>();

  of(parameter: Parameter): Uint8Array {
    const known = this.#masks.get(parameter);
    if (known) return known;
    const { mask, shape } = parameter;
    const made = mask?.slice() ?? new Uint8Array(sizeOf(shape)).fill(1);
    this.#masks.set(parameter, made);
    return made;
  }

  /** Takes away what `keep`, [rows, columns], does not keep. */
  take(view: GateView, keep: Uint8Array): void {
    scatterZeros(view, keep, this.of(view.parameter));
  }

  putOn(): void {
    for (const [parameter, mask] of this.#masks) parameter.mask = mask;
  }
}

/** How many parameters are held at once: a layer's two matrices, which its gates read in turns. */
const held = 2;

function scoringOf(
  { criterion, recipe }: PruningPlan,
  { file, evidence = {}, valuesOf }: MaskOptions,
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
  for (const value of values) {
    if (!Number.isFinite(value)) throw new UserError('nonFiniteWeights', { file, parameter: name });
  }
}

interface ScoredSet extends Scores {
  readonly set: PlannedSet;
}

async function scoreSet(set: PlannedSet, scoring: Scoring): Promise<ScoredSet> {
  const { members, grouping } = set;
  const scores = grouping
    ? await groupScores(members, grouping, scoring)
    : await weightScores(members, scoring);
  return { set, ...scores };
}

/** 1 for each weight or group of a set that stays. Overwrites the scores. */
function keptAt({ set, scores, gone, fixed }: ScoredSet, target: Target, recipe: CompleteRecipe): Uint8Array {
  const banks = banksOf(recipe, target);
  if (banks)
    return bankMask(
      scores,
      set.members.map(({ view }) => view),
      banks,
    );
  const wanted = wantedOf(scores, target);
  return keepMask(scores, Math.min(Math.max(wanted, gone), scores.length - fixed));
}

/** How many of a set's weights or groups the target takes away. */
function wantedOf(scores: Float32Array, target: Target): number {
  if ('k' in target) return countBelow(scores, target.k);
  if ('sparsity' in target) return roundHalfToEven(target.sparsity * scores.length);
  throw new Error('a budget was not resolved');
}

async function writeSet(
  { set: { members, grouping } }: ScoredSet,
  keep: Uint8Array,
  masks: Masks,
  scoring: Scoring,
): Promise<void> {
  if (!grouping) {
    let at = 0;
    for (const { view } of members) {
      masks.take(view, keep.subarray(at, at + view.rows * view.columns));
      at += view.rows * view.columns;
    }
    return;
  }
  for (const { view, rows, columns } of grouping.parts) {
    const own = new Uint8Array(view.rows * view.columns);
    for (let r = 0, i = 0; r < view.rows; r++)
      for (let c = 0; c < view.columns; c++) own[i++] = keep[rows[r] + columns[c]];
    masks.take(view, own);
  }
  // What is 0 stays so in groups that stay.
  for (const member of members) {
    const gone = goneWeights(
      member,
      gathered(member.view, await scoring.read(member.view.parameter)),
      scoring,
    );
    if (gone)
      masks.take(
        member.view,
        gone.map((flag) => 1 - flag),
      );
  }
}

function unreached({ set, scores, gone }: ScoredSet, target: Target): Message[] {
  if (!('sparsity' in target) || roundHalfToEven(target.sparsity * scores.length) >= gone) return [];
  const shares = { target: percent(target.sparsity), present: percent(gone / scores.length) };
  if (set.name === everything) return [{ code: 'noteNothingPrunedAtAll', args: shares }];
  return [{ code: 'noteNothingPruned', args: { ...shares, set: set.name } }];
}

function percent(fraction: number): string {
  return `${Math.round(fraction * 1000) / 10} %`;
}
