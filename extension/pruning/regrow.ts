import { type GateView, gathered, scatter } from '../model/gateView.ts';
import { type Parameter, sizeOf } from '../model/parameter.ts';
import { magnitude } from './criteria/magnitude.ts';
import type { Grouping } from './granularity/granularity.ts';
import type { PlannedSet, PruningPlan } from './plan.ts';
import { type Prunable, weightCount } from './prunable.ts';
import { type ScoredSet, scoreSet, scoringOf, wantedOf } from './scoredSet.ts';
import { keepMask } from './select.ts';
import type { Target } from './target.ts';

export interface RegrowOptions {
  /** Names the model in messages. */
  readonly file: string;
  /** Present values, 0 where masked; undefined of what is not trained. */
  valuesOf(parameter: Parameter): Float32Array | undefined;
  /** Gradient of the loss at every weight, masked ones too; undefined of what is not trained. */
  gradientOf(parameter: Parameter): Float32Array | undefined;
  /** The share of a set that is to be gone where so much is to go in the end. */
  due(sparsity: number, set: PlannedSet): number;
  /** Share of what is kept that is exchanged. */
  readonly exchanged: number;
}

/**
 * One update of RigL (Evci et al., "Rigging the Lottery", 2020) on the masks of the parameters: of every set the smallest |w| among the
 * kept give way to as many masked weights, those whose gradients are largest; of groups means count. What gave way may come straight back,
 * and is then as it was. Where more of a set is due to be gone, the smallest go for that before. Zeros of the file stay, unless the recipe
 * lets them come back; what is not trained is neither exchanged nor comes back.
 * @returns how many weights came back
 */
export async function regrow(plan: PruningPlan, options: RegrowOptions): Promise<number> {
  // Here only masks say what is gone: what came back is 0 until its first step.
  const recipe = { ...plan.recipe, regrowZeros: true };
  const scoring = scoringOf({ criterion: magnitude, recipe }, options);
  const barred = plan.recipe.regrowZeros ? async () => undefined : zerosOfFile();
  const next = new Map<Parameter, Uint8Array>();
  for (const set of plan.sets) {
    const scored = await scoreSet(set, scoring);
    const target =
      'sparsity' in set.target ? { sparsity: options.due(set.target.sparsity, set) } : set.target;
    const keep = exchange(scored, await candidatesOf(set, barred, options), target, options.exchanged);
    for (const { view, groupAt } of placesOf(set.members, set.grouping)) {
      const bars = await barred(view);
      const own = Uint8Array.from({ length: view.rows * view.columns }, (_, i) =>
        bars?.[i] === 1 ? 0 : keep[groupAt(i)],
      );
      scatter(view, own, maskOf(view.parameter, next));
    }
  }
  let grown = 0;
  for (const [parameter, mask] of next) {
    for (let i = 0; i < mask.length; i++) if (mask[i] === 1 && parameter.mask?.[i] === 0) grown++;
    parameter.mask = mask;
  }
  return grown;
}

/** What of a set may be exchanged. */
interface Candidates {
  /** Mean |gradient| of each weight or group; −∞ where it may not come back. */
  readonly growth: Float32Array;
  /** 1 for each that is trained. */
  readonly trained: Uint8Array;
}

/** 1 for each weight or group that is kept afterwards. */
function exchange(
  { scores, gone, fixed }: ScoredSet,
  { growth, trained }: Candidates,
  target: Target,
  exchanged: number,
): Uint8Array {
  const wanted = Math.min(Math.max(wantedOf(scores.length, target), gone), scores.length - fixed.size);
  const ramped = keepMask(scores, wanted);
  let [kept, free] = [0, 0];
  for (let i = 0; i < scores.length; i++) {
    if (ramped[i] === 0) scores[i] = Number.NEGATIVE_INFINITY;
    else if (trained[i] === 0) scores[i] = Number.POSITIVE_INFINITY;
    else {
      kept++;
      if (scores[i] !== Number.POSITIVE_INFINITY) free++;
    }
  }
  const count = Math.min(Math.floor(exchanged * kept), free);
  const keep = keepMask(scores, wanted + count);
  for (let i = 0; i < keep.length; i++) if (keep[i] === 1) growth[i] = Number.NEGATIVE_INFINITY;
  const back = keepMask(growth, growth.length - count);
  return keep.map((own, i) => own | back[i]);
}

/** 1 where a weight of a view may not come back; undefined where all may. */
type Barred = (view: GateView) => Promise<Uint8Array | undefined>;

async function candidatesOf(
  { members, grouping }: PlannedSet,
  barred: Barred,
  { gradientOf }: RegrowOptions,
): Promise<Candidates> {
  const size = grouping?.count ?? members.reduce((sum, member) => sum + weightCount(member), 0);
  const [sums, counts] = [new Float64Array(size), new Uint32Array(size)];
  const [trained, open] = [new Uint8Array(size).fill(1), new Uint8Array(size)];
  for (const { view, groupAt } of placesOf(members, grouping)) {
    const values = gradientOf(view.parameter);
    const gradient = values && gathered(view, values);
    const bars = await barred(view);
    for (let i = 0; i < view.rows * view.columns; i++) {
      const group = groupAt(i);
      counts[group]++;
      if (bars?.[i] !== 1) open[group] = 1;
      if (!gradient) trained[group] = 0;
      // What is no number has no place in an order; the next loss says that it is none.
      else if (Number.isFinite(gradient[i])) sums[group] += Math.abs(gradient[i]);
    }
  }
  const growth = Float32Array.from(sums, (sum, group) =>
    trained[group] === 1 && open[group] === 1 ? sum / counts[group] : Number.NEGATIVE_INFINITY,
  );
  return { growth, trained };
}

/** Weights of a view, and the group that each belongs to; of weights that compete alone their place in the set. */
interface Places {
  readonly view: GateView;
  groupAt(place: number): number;
}

function placesOf(members: readonly Prunable[], grouping: Grouping | undefined): Places[] {
  if (grouping) {
    return grouping.parts.map(({ view, rows, columns }) => ({
      view,
      groupAt: (place) => rows[Math.floor(place / view.columns)] + columns[place % view.columns],
    }));
  }
  let next = 0;
  return members.map(({ view }) => {
    const first = next;
    next += view.rows * view.columns;
    return { view, groupAt: (place) => first + place };
  });
}

/** Which weights are 0 in the file. One parameter is held at a time, as gates read the same in turns. */
function zerosOfFile(): Barred {
  let known: { parameter: Parameter; values: Float32Array } | undefined;
  return async (view) => {
    const { parameter } = view;
    if (known?.parameter !== parameter) known = { parameter, values: await parameter.read() };
    return Uint8Array.from(gathered(view, known.values), (value) => (value === 0 ? 1 : 0));
  };
}

function maskOf(parameter: Parameter, masks: Map<Parameter, Uint8Array>): Uint8Array {
  const known = masks.get(parameter);
  if (known) return known;
  const mask = parameter.mask?.slice() ?? new Uint8Array(sizeOf(parameter.shape)).fill(1);
  masks.set(parameter, mask);
  return mask;
}
