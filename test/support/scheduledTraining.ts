import type { Engine } from '../../extension/engine/engine.ts';
import { trainingSession } from '../../extension/engine/trainingSession.ts';
import { openSchedule, type Scheduled } from '../../extension/jobs/openSchedule.ts';
import { optimizerDefaults } from '../../extension/model/optimizer.ts';
import type { Recipe } from '../../extension/protocol/recipe.ts';
import { criteriaByName } from '../../extension/pruning/criteria/byName.ts';
import { applyPlan } from '../../extension/pruning/masks.ts';
import { beforeTraining, type PruningPlan, planOf, standInFor } from '../../extension/pruning/plan.ts';
import { evidenceInTraining } from '../../extension/training/evidence/open.ts';
import { lossOfGuessing, rowsOf } from '../../extension/training/exploding.ts';
import { Feed } from '../../extension/training/feed.ts';
import type { FinetuneTask } from '../../extension/training/finetuneTask.ts';
import { asTargets, withLoss } from '../../extension/training/lossGraph.ts';
import { type Learnable, learnable, part } from '../unit/training/learnable.ts';

/** 40 samples for training in batches of 8, and 20 for validation. */
export const timeline = { epochs: 6, stepsPerEpoch: 5 } as const;

export interface ScheduledTask {
  readonly model: Learnable;
  readonly plan: PruningPlan;
  readonly task: FinetuneTask;
  readonly scheduled: Scheduled;
}

/**
 * A small training on an engine whose masks follow a schedule; it has the masks of the whole plan, as a job's has before its first step.
 */
export async function scheduledTask(
  open: () => Promise<Engine>,
  recipe: Recipe,
  model: Learnable = learnable({ hidden: 8 }),
): Promise<ScheduledTask> {
  const { graph, layer, parameters, loss, samples } = model;
  const plan = planOf(recipe, { layers: [layer], parameters, graph });
  const { needs } = plan.criterion;
  await applyPlan(needs.length > 0 ? standInFor(plan) : beforeTraining(plan), { file: 'model.h5' });
  const scheduled = await openSchedule('model.h5', plan, recipe, timeline);
  if (!scheduled) throw new Error(`${recipe.schedule} is no schedule of a training`);
  for (const [parameter, mask] of scheduled.atOnce) parameter.mask = mask;
  const [train, validation] = [part(samples, 0, 40), part(samples, 40, 60)];
  const [own, held] = asTargets(loss, [train.targets, validation.targets]);
  const lossGraph = withLoss(graph, loss, own);
  const session = await trainingSession(lossGraph.graph, await open(), optimizerDefaults.adam, []);
  const task: FinetuneTask = {
    session,
    lossGraph,
    train: new Feed(train.inputs, own),
    validation: new Feed(validation.inputs, held),
    regularized: true,
    rows: rowsOf(loss, own),
    guessing: lossOfGuessing(loss, own),
    settings: {
      ...{ epochs: timeline.epochs, batch: 8, seed: 1, decay: recipe.decay ?? 'none' },
      ...{ learningRate: 0.02, usualRate: 0.001 },
    },
    schedule: scheduled.masks,
  };
  const kinds = criteriaByName[plan.recipe.criterion].needs.filter((kind) => kind !== 'movement');
  const wish = { layers: [layer], parts: plan.prunables };
  scheduled.masks.join({ session, gather: () => evidenceInTraining(task, kinds, wish) });
  return { model, plan, task, scheduled };
}
