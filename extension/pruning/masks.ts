import { gather, scatter } from '../model/gateView.ts';
import { type Parameter, sizeOf } from '../model/parameter.ts';
import type { Message } from '../protocol/messages.ts';
import type { CriterionName } from '../protocol/recipe.ts';
import { UserError } from '../protocol/userError.ts';
import type { Criterion } from './criteria/criterion.ts';
import { magnitude } from './criteria/magnitude.ts';
import { threshold } from './criteria/threshold.ts';
import type { PruningPlan } from './plan.ts';
import { type PrunableGate, weightCount } from './prunable.ts';
import { type CompetingSet, everything } from './scope.ts';
import { keepMask } from './select.ts';

const criteria: Record<CriterionName, Criterion> = { magnitude, threshold };

export interface MaskOptions {
  /** Names the model in messages. */
  readonly file: string;
  /** Called before each set; throws to stop. */
  readonly step?: (done: number) => Promise<void> | void;
}

/**
 * Sets the masks that a plan yields on the model's parameters. Zeros that are there count as pruned; a target below
 * their share changes nothing and is noted. Throws nonFiniteWeights naming the parameter.
 */
export async function applyPlan(plan: PruningPlan, { file, step }: MaskOptions): Promise<Message[]> {
  const criterion = criteria[plan.criterion];
  const notes: Message[] = [];
  for (const [i, set] of plan.sets.entries()) {
    await step?.(i / plan.sets.length);
    const values = await readSet(set, file);
    const scores = criterion.scores({ values });
    const wanted = criterion.count(scores, set.target);
    const zeros = countZeros(values);
    if (wanted < zeros && 'sparsity' in set.target) {
      const shares = { target: percent(set.target.sparsity), present: percent(zeros / values.length) };
      notes.push(
        set.name === everything
          ? { code: 'noteNothingPrunedAtAll', args: shares }
          : { code: 'noteNothingPruned', args: { ...shares, set: set.name } },
      );
    }
    writeMasks(set, keepMask(scores, Math.max(wanted, zeros)));
  }
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
    for (const { members } of plan.sets) for (const { view } of members) delete view.parameter.mask;
  }
}

/** The weights of a set, gate after gate in canonical order. */
async function readSet({ members }: CompetingSet, file: string): Promise<Float32Array> {
  const values = new Float32Array(members.reduce((sum, member) => sum + weightCount(member), 0));
  let known: { parameter: Parameter; values: Float32Array } | undefined;
  let at = 0;
  for (const { view } of members) {
    if (known?.parameter !== view.parameter) {
      known = { parameter: view.parameter, values: await view.parameter.read() };
      checkFinite(known.parameter, known.values, file);
    }
    gather(view, known.values, values, at);
    at += view.rows * view.columns;
  }
  return values;
}

function checkFinite({ name }: Parameter, values: Float32Array, file: string): void {
  for (const value of values) {
    if (!Number.isFinite(value)) throw new UserError('nonFiniteWeights', { file, parameter: name });
  }
}

function writeMasks({ members }: CompetingSet, keep: Uint8Array): void {
  let at = 0;
  for (const member of members) {
    scatter(member.view, keep, maskOf(member), at);
    at += weightCount(member);
  }
}

function maskOf({ view: { parameter } }: PrunableGate): Uint8Array {
  parameter.mask ??= new Uint8Array(sizeOf(parameter.shape)).fill(1);
  return parameter.mask;
}

function countZeros(values: Float32Array): number {
  let zeros = 0;
  for (const value of values) if (value === 0) zeros++;
  return zeros;
}

function percent(fraction: number): string {
  return `${Math.round(fraction * 1000) / 10} %`;
}
