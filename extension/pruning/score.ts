import type { Evidence } from '../model/evidence.ts';
import { gather, gathered } from '../model/gateView.ts';
import type { Parameter } from '../model/parameter.ts';
import type { Criterion, Piece, WeightCriterion } from './criteria/criterion.ts';
import type { Grouping } from './granularity/granularity.ts';
import { GroupSums } from './groupSums.ts';
import { type Prunable, weightCount } from './prunable.ts';

/** What scoring needs beside the weights. */
export interface Scoring {
  readonly criterion: Criterion;
  readonly evidence: Evidence;
  readonly seed: number;
  /** Diagonals of recurrent matrices stay. */
  readonly keepDiagonal: boolean;
  /** Zeros that no mask made may become weights again. */
  readonly regrowZeros: boolean;
  /** Present values of a parameter, 0 where masked; not to be written into. */
  read(parameter: Parameter): Promise<Float32Array>;
}

/** Of weights or groups that compete. */
export interface Scores {
  /** −∞ where it is gone already, +∞ where it must stay. */
  readonly scores: Float32Array;
  readonly gone: number;
  /** Places of what must stay, each with its own score. */
  readonly fixed: ReadonlyMap<number, number>;
}

/** Scores of single weights, one matrix after the other, each [rows, columns]. */
export async function weightScores(members: readonly Prunable[], scoring: Scoring): Promise<Scores> {
  const scores = new Float32Array(members.reduce((sum, member) => sum + weightCount(member), 0));
  const fixed = new Map<number, number>();
  let [at, gone] = [0, 0];
  for (const member of members) {
    const own = scores.subarray(at, at + weightCount(member));
    gather(member.view, await scoring.read(member.view.parameter), own);
    const flags = goneWeights(member, own, scoring);
    scoreInPlace(own, member, scoring);
    if (flags) gone += mark(own, flags);
    if (scoring.keepDiagonal) for (const place of diagonalOf(member)) fix(scores, at + place, fixed);
    at += own.length;
  }
  return { scores, gone, fixed };
}

/** Scores of groups. One of each family stays, the best, unless all may go. */
export async function groupScores(
  members: readonly Prunable[],
  grouping: Grouping,
  scoring: Scoring,
): Promise<Scores> {
  const { left, scores } = await judgedGroups(grouping, scoring);
  const gone = mark(
    scores,
    left.map((weights) => (weights === 0 ? 1 : 0)),
  );
  const fixed = new Map<number, number>();
  if (scoring.keepDiagonal) {
    const views = new Set(members.filter((member) => diagonalOf(member).length > 0).map(({ view }) => view));
    for (const { view, rows, columns } of grouping.parts)
      if (views.has(view)) for (const [i, row] of rows.entries()) fix(scores, row + columns[i], fixed);
  }
  if (!grouping.allMayGo) for (const best of bestOfFamilies(scores, grouping)) fix(scores, best, fixed);
  return { scores, gone, fixed };
}

/** Overwrites the values of a matrix with its weights' scores. */
function scoreInPlace(values: Float32Array, { view, matrixName }: Prunable, scoring: Scoring): void {
  const criterion = weightsCriterion(scoring.criterion);
  const own = criterion.scores({ view, matrixName, values }, scoring.evidence, scoring.seed);
  // Without an opinion all are alike.
  if (own === undefined) values.fill(0);
  else if (own !== values) values.set(own);
  if (criterion.combine === 'absoluteMean')
    for (let i = 0; i < values.length; i++) values[i] = Math.abs(values[i]);
}

/** For each group how many of its scored weights are left, and its score. */
async function judgedGroups(
  grouping: Grouping,
  scoring: Scoring,
): Promise<{ left: Uint32Array; scores: Float32Array }> {
  const { criterion, evidence, seed, read } = scoring;
  const sums = new GroupSums(grouping.count);
  for (const part of grouping.parts) {
    if (!part.scored) continue;
    const values = gathered(part.view, await read(part.view.parameter));
    sums.addLeft(part, values.length, goneWeights(part, values, scoring));
    if (criterion.judges !== 'weights') continue;
    const own = criterion.scores(pieceOf(part, values), evidence, seed);
    if (own) sums.addPart(part, own, criterion.combine);
  }
  const scores =
    criterion.judges === 'weights'
      ? sums.scores(criterion.combine)
      : judgedApart(grouping, criterion, evidence);
  return { left: sums.left, scores };
}

function pieceOf(
  { view, matrixName }: { view: Piece['view']; matrixName?: string },
  values: Float32Array,
): Piece {
  return { view, values, ...(matrixName !== undefined && { matrixName }) };
}

/** Scores of hidden units, the mean over the layers that they are tied in, or of columns. */
function judgedApart(
  { count, units = [], columns = [] }: Grouping,
  criterion: Exclude<Criterion, WeightCriterion>,
  evidence: Evidence,
): Float32Array {
  const sums = new GroupSums(count);
  if (criterion.judges === 'columns') {
    for (const { matrixName, first } of columns)
      sums.addGroups(first, criterion.scores(matrixName, evidence));
  } else {
    for (const { layer, first, indices } of units) {
      const activity = evidence.units?.get(layer);
      if (!activity) throw new Error(`no activity was gathered of ${layer.name}`);
      const scores = criterion.scores(activity);
      sums.addGroups(
        first,
        Float32Array.from(indices, (unit) => scores[unit]),
      );
    }
  }
  return sums.scores('mean');
}

function weightsCriterion(criterion: Criterion): WeightCriterion {
  if (criterion.judges === 'weights') return criterion;
  throw new Error(`a criterion of ${criterion.judges} was asked for scores of weights`);
}

/** 1 where a weight is gone: by its mask, or because it is 0 and such are not to come back. Undefined where all are left. */
export function goneWeights(
  { view }: Pick<Prunable, 'view'>,
  values: Float32Array,
  { regrowZeros }: Scoring,
): Uint8Array | undefined {
  const { mask } = view.parameter;
  if (!regrowZeros) {
    if (!values.includes(0)) return undefined;
    const flags = new Uint8Array(values.length);
    for (let i = 0; i < values.length; i++) if (values[i] === 0) flags[i] = 1;
    return flags;
  }
  if (!mask) return undefined;
  const kept = new Uint8Array(values.length);
  gather(view, mask, kept);
  return kept.map((keep) => 1 - keep);
}

/** Lets those go first that are flagged; how many those are. */
function mark(scores: Float32Array, flags: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < scores.length; i++) {
    if (flags[i] === 0) continue;
    scores[i] = Number.NEGATIVE_INFINITY;
    count++;
  }
  return count;
}

/** Lets what is at a place stay, unless it is gone. */
function fix(scores: Float32Array, place: number, fixed: Map<number, number>): void {
  if (fixed.has(place) || scores[place] === Number.NEGATIVE_INFINITY) return;
  fixed.set(place, scores[place]);
  scores[place] = Number.POSITIVE_INFINITY;
}

/** Places of the weights from each hidden unit to itself; none in other matrices. */
function diagonalOf({ view: { rows, columns }, part }: Prunable): number[] {
  if (part?.matrix !== 'recurrent') return [];
  if (part.layer.diagonal) return Array.from({ length: rows }, (_, i) => i);
  if (rows !== columns) return [];
  return Array.from({ length: rows }, (_, i) => i * columns + i);
}

/** The group that would go last of each family: of equal ones that with the highest index. */
function bestOfFamilies(scores: Float32Array, { families }: Grouping): Iterable<number> {
  const best = new Map<number, number>();
  for (let group = 0; group < scores.length; group++) {
    const family = families?.[group] ?? 0;
    const known = best.get(family);
    if (known === undefined || scores[group] >= scores[known]) best.set(family, group);
  }
  return best.values();
}
