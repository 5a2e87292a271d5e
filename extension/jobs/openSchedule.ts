import type { ScheduleOptions } from '../protocol/recipe.ts';
import { type PruningPlan, parametersOf } from '../pruning/plan.ts';
import type { Timeline } from '../pruning/schedule/schedule.ts';
import { scheduleOf } from '../pruning/schedule/scheduleOf.ts';
import type { Masks } from '../training/maskSchedule.ts';
import { masksOf, ScheduledMasks } from './scheduledMasks.ts';

/** The masks of a plan that is carried out while training. */
export interface Scheduled {
  readonly masks: ScheduledMasks;
  /** Those of all of it at once, on the file's weights. */
  readonly atOnce: Masks;
}

/**
 * Takes the masks of the whole plan off again where it is carried out little by little, and leaves the parameters with those that the
 * training begins with. Undefined where all is pruned before.
 */
export async function openSchedule(
  file: string,
  plan: PruningPlan,
  options: ScheduleOptions,
  timeline: Timeline,
): Promise<Scheduled | undefined> {
  const schedule = scheduleOf(options, timeline);
  if (!schedule) return undefined;
  const atOnce = masksOf(parametersOf(plan));
  return { atOnce, masks: await ScheduledMasks.open({ file, plan, schedule, timeline }) };
}
