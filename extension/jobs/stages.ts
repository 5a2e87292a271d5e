import type { Recipe } from '../protocol/recipe.ts';
import type { FinetuneProgress, JobProgress } from '../protocol/requests.ts';
import { trains } from './asked.ts';
import { breathe, type JobContext } from './context.ts';

type Stage = JobProgress['stage'];

/** Reports how much of a stage is done, lets others be answered, and throws where the job was given up. */
export type StageStep = (
  stage: Stage,
  done: number,
  finetune?: FinetuneProgress,
  secondsLeft?: number,
) => Promise<void>;

/** The stages of pruning in their order, each with its share of the whole; evaluating takes most of the time. */
const pruning: readonly [Stage, number][] = [
  ['open', 0.02],
  ['evaluateBefore', 0.43],
  ['evidence', 0.3],
  ['prune', 0.05],
  ['write', 0.03],
  ['verify', 0.02],
  ['evaluateAfter', 0.45],
];

/** With fine-tuning, which takes most of it then. */
const training: readonly [Stage, number][] = [
  ['open', 0.02],
  ['evaluateBefore', 0.06],
  ['evidence', 0.06],
  ['prune', 0.02],
  ['evaluatePruned', 0.06],
  ['finetune', 0.74],
  ['write', 0.02],
  ['verify', 0.02],
  ['evaluateAfter', 0.06],
  ['control', 0.6],
];

/** Of a measuring of sensitivities. */
const measuring: readonly [Stage, number][] = [
  ['open', 0.02],
  ['evidence', 0.08],
  ['sensitivity', 0.9],
  ['findings', 0.05],
];

/** Of what a search finds out before its trials. */
const searching: readonly [Stage, number][] = [
  ['open', 0.02],
  ['evaluateBefore', 0.1],
  ['evidence', 0.08],
  ['sensitivity', 0.8],
];

/** Reports progress over the whole job of pruning. @param judges whether evidence is gathered */
export function pruneSteps(recipe: Recipe, context: JobContext, judges: boolean): StageStep {
  const left: Stage[] = [
    ...(judges ? [] : ['evidence' as const]),
    ...(recipe.control ? [] : ['control' as const]),
  ];
  return stepsOver(trains(recipe) ? training : pruning, left, context);
}

/** The same of a measuring of sensitivities. */
export function sensitivitySteps(context: JobContext, judges: boolean): StageStep {
  return stepsOver(measuring, judges ? [] : ['evidence'], context);
}

/** The same of what a search finds out before its trials. */
export function searchSteps(context: JobContext, judges: boolean): StageStep {
  return stepsOver(searching, judges ? [] : ['evidence'], context);
}

function stepsOver(
  all: readonly [Stage, number][],
  leftOut: readonly Stage[],
  context: JobContext,
): StageStep {
  const stages = all.filter(([stage]) => !leftOut.includes(stage));
  const whole = stages.reduce((sum, [, share]) => sum + share, 0);
  const spans = new Map<Stage, { from: number; share: number }>();
  let from = 0;
  for (const [stage, share] of stages) {
    spans.set(stage, { from, share: share / whole });
    from += share / whole;
  }
  return async (stage, done, finetune, secondsLeft) => {
    const span = spans.get(stage);
    if (!span) throw new Error(`the stage ${stage} is none of this job`);
    context.progress({
      stage,
      done: Math.min(1, span.from + done * span.share),
      ...(finetune && { finetune }),
      ...(secondsLeft !== undefined && { secondsLeft }),
    });
    await breathe(context);
  };
}
