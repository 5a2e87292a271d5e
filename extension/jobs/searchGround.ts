import { openModel } from '../formats/open.ts';
import type { AutoReport, UnprunedResult } from '../protocol/auto.ts';
import type { Message } from '../protocol/messages.ts';
import type { EngineName, Recipe } from '../protocol/recipe.ts';
import type { DataSummary } from '../protocol/report.ts';
import { defaultLevels, finitePoints, judgingKeys } from '../protocol/sensitivity.ts';
import type { SensitivityCurve } from '../pruning/allocate.ts';
import { goneShares } from '../pruning/masks.ts';
import { type PruningPlan, planOf } from '../pruning/plan.ts';
import { weightCount } from '../pruning/prunable.ts';
import { defaultSeed } from '../training/defaults.ts';
import { evaluateWith } from '../training/evaluate.ts';
import { firstSamples } from '../training/evidence/samples.ts';
import { withLossSession } from '../training/lossSession.ts';
import type { JobContext } from './context.ts';
import { evaluableGraph } from './evaluable.ts';
import { evidenceNeeded, gatherFor } from './evidence.ts';
import { addNotes, describedState } from './judge.ts';
import { type SearchedPart, searchedParts } from './searchedParts.ts';
import type { SearchJudge } from './searchJudge.ts';
import { curvesOf } from './sensitivityCurves.ts';
import { checkWritable } from './shrink.ts';
import { searchSteps } from './stages.ts';

interface SearchedCurve extends SensitivityCurve, Pick<SearchedPart, 'steps'> {}

/** What the trials of a search stand on. Plain data, which is kept beside them. */
export interface SearchGround
  extends Pick<AutoReport, 'before' | 'lossName' | 'data' | 'validation' | 'sensitivitySamples'> {
  /** Share of what is pruned that the model has as it is. */
  readonly present: number;
  /** By the names of a recipe's `targets`. */
  readonly curves: readonly SearchedCurve[];
  /** The engine that everything of the search is computed by, so that its trials compare and it can be taken up again. */
  readonly engine: EngineName;
  readonly seconds: number;
  readonly notes: readonly Message[];
}

/** Where there are more, sensitivities are measured on so many; every gate is measured at every level. */
const mostSamples = 512;
/** A gate that does nothing may go altogether. */
const levels = [...defaultLevels, 1];

/** Measures the model as it is, and what pruning each of its parts alone costs. Throws `UserError`. */
export async function layGround(
  path: string,
  base: Recipe,
  judge: SearchJudge,
  context: JobContext,
): Promise<SearchGround> {
  const start = performance.now();
  const recipe = judging(base);
  const step = searchSteps(context, evidenceNeeded(recipe).length > 0);
  await step('open', 0);
  const model = await openModel(path);
  try {
    await checkWritable(model, base);
    const plan = planOf(recipe, model);
    const graph = evaluableGraph(model);
    const { reported, validation, split, engineOptions } = judge;
    const { batch, seed = defaultSeed } = base;
    const notes = [...judge.notes, ...plan.notes];
    const { sparsity, sizes } = await describedState(model, model, base, context, () => step('open', 1));
    const all = validation.samples;
    const some = all.count > mostSamples ? firstSamples(all, mostSamples, seed) : all;
    return await withLossSession(graph, { ...validation, samples: some }, engineOptions, async (losses) => {
      const measure = (samples: typeof reported, from: number) =>
        evaluateWith(losses.session, graph, samples, {
          batch,
          step: (done) => step('evaluateBefore', from + done / 2),
        });
      const { loss: validationLoss } = await measure(validation, 0);
      const { loss, lossName } = await measure(reported, 0.5);
      const wanted = { recipe, parts: plan.prunables };
      const judges = { samples: reported, engineOptions, notes };
      const evidence = await gatherFor(wanted, model, judges, context.signal, (done) =>
        step('evidence', done),
      );
      const parts = searchedParts(plan);
      const measured = parts.map(({ part }) => part);
      const { curves } = await curvesOf(measured, levels, losses, { file: path, evidence, batch, step });
      addNotes(notes, losses.session.notes);
      const before: UnprunedResult = { sparsity, sizes, validationLoss, loss };
      const data: DataSummary = {
        file: reported.dataset.file,
        split: reported.split,
        samples: reported.samples.count,
      };
      return {
        before,
        lossName,
        data,
        validation: { split, samples: all.count },
        sensitivitySamples: some.count,
        present: 1 - (await goneShare(plan, path)),
        curves: curves.map(({ weights, points }, at) => {
          const { target, steps } = parts[at];
          // No further than it can be measured.
          return { name: target, size: weights, points: finitePoints(points), steps };
        }),
        engine: engineOptions.engine ?? 'wasm',
        seconds: (performance.now() - start) / 1000,
        notes,
      };
    });
  } finally {
    await model.close();
  }
}

/** How weights are judged where each part is pruned alone; what only a training tells is stood in for by the magnitude. */
function judging(base: Recipe): Recipe {
  const keys: readonly string[] = [...judgingKeys, 'batch'];
  const own: Recipe = Object.fromEntries(Object.entries(base).filter(([key]) => keys.includes(key)));
  return { ...own, ...(own.criterion === 'movement' && { criterion: 'magnitude' }), sparsity: 0 };
}

/** Share of all that is pruned that is gone already. */
async function goneShare(plan: PruningPlan, file: string): Promise<number> {
  let [gone, size] = [0, 0];
  for (const [{ members }, share] of await goneShares(plan, { file })) {
    const weights = members.reduce((sum, member) => sum + weightCount(member), 0);
    gone += share * weights;
    size += weights;
  }
  return gone / Math.max(1, size);
}
