import { openModel } from '../formats/open.ts';
import type { Recipe } from '../protocol/recipe.ts';
import type { SensitivityRequest } from '../protocol/requests.ts';
import {
  finestCurves,
  type SensitivityCurve,
  type SensitivityReport,
  type SensitivityRow,
} from '../protocol/sensitivity.ts';
import { UserError } from '../protocol/userError.ts';
import { planOf } from '../pruning/plan.ts';
import { chooseEngine } from '../training/chooseEngine.ts';
import { defaultSeed } from '../training/defaults.ts';
import { firstSamples } from '../training/evidence/samples.ts';
import { findingsOf } from '../training/findings/findings.ts';
import { withLossSession } from '../training/lossSession.ts';
import { readSamples } from '../training/samples.ts';
import { hasData } from './asked.ts';
import type { JobContext } from './context.ts';
import { engineOptions } from './engineOptions.ts';
import { evaluableGraph } from './evaluable.ts';
import { evidenceNeeded, gatherFor } from './evidence.ts';
import { addNotes } from './judge.ts';
import { checkedSensitivity } from './sensitivityChecks.ts';
import { curvesOf } from './sensitivityCurves.ts';
import { partsOf } from './sensitivityParts.ts';
import { sensitivitySteps } from './stages.ts';

/**
 * Measures how the loss rises as one part of a model after the other is pruned alone, to several sparsities, and what data tells of its
 * units and gates. The file is only read. Throws `UserError`.
 */
export async function sensitivity(
  request: SensitivityRequest,
  context: JobContext,
): Promise<SensitivityReport> {
  const start = performance.now();
  const { path } = request;
  const options = checkedSensitivity(request.options);
  if (!hasData(options)) throw new UserError('dataNeeded');
  const step = sensitivitySteps(context, evidenceNeeded(options).length > 0);
  await step('open', 0);
  const model = await openModel(path);
  try {
    const { levels, samples: limit, ...judging } = options;
    const recipe: Recipe = { ...judging, sparsity: 0 };
    const plan = planOf(recipe, model);
    const graph = evaluableGraph(model);
    const all = await readSamples(graph, options, model.training, context.signal);
    const { seed = defaultSeed, batch } = options;
    const most = limit ?? all.samples.count;
    const samples = most < all.samples.count ? firstSamples(all.samples, most, seed) : all.samples;
    const reported = { ...all, samples };
    const use = { samples: reported, batch, trains: false };
    const engine = await chooseEngine(graph, engineOptions(options, request), use);
    const notes = [...all.notes, ...engine.notes, ...plan.notes];
    const judge = { samples: all, engineOptions: engine.options, notes };
    const wanted = { recipe: options, parts: plan.prunables };
    const evidence = await gatherFor(wanted, model, judge, context.signal, (done) => step('evidence', done));
    const parts = partsOf(plan);
    return await withLossSession(graph, reported, engine.options, async (losses) => {
      const measured = await curvesOf(parts, levels, losses, { file: path, evidence, batch, step });
      const source = { session: losses.session, graph, layers: model.layers, inputs: samples.inputs, batch };
      const findings = await findingsOf(source, engine.options, (done) => step('findings', done));
      addNotes(notes, losses.session.notes);
      return {
        model: path,
        ...measured,
        levels,
        rows: rowsOf(measured.curves),
        findings,
        options: {
          ...options,
          criterion: plan.recipe.criterion,
          granularity: plan.recipe.granularity,
          levels,
        },
        data: { file: all.dataset.file, split: all.split, samples: samples.count },
        engine: losses.session.engine,
        seconds: (performance.now() - start) / 1000,
        notes,
      };
    });
  } finally {
    await model.close();
  }
}

/** The points of single parts, without the one that is the model as it is. */
function rowsOf(curves: readonly SensitivityCurve[]): SensitivityRow[] {
  return finestCurves(curves).flatMap(({ layer, gate, matrix, points }) => {
    const place = { layer, ...(gate !== undefined && { gate }), ...(matrix !== undefined && { matrix }) };
    return points.slice(1).map(({ sparsity, loss }) => ({ ...place, sparsity, loss }));
  });
}
