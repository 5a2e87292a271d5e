import { freshWeights } from '../model/freshWeights.ts';
import type { Graph } from '../model/graph.ts';
import type { Model } from '../model/model.ts';
import type { Message } from '../protocol/messages.ts';
import type { ControlReport } from '../protocol/report.ts';
import { UserError } from '../protocol/userError.ts';
import { type ShrunkWithin, shrinkWithin } from '../pruning/units/shrinkWithin.ts';
import { finetune } from '../training/finetune.ts';
import { startTraining } from '../training/startTraining.ts';
import { withAims } from './aims.ts';
import { breathe, type JobContext } from './context.ts';
import { evaluableGraph } from './evaluable.ts';
import type { Preparation } from './finetune.ts';
import { type Judge, judged } from './judge.ts';
import { because } from './resume.ts';
import { withSaved } from './scratchModel.ts';
import type { StageStep } from './stages.ts';

/** What became of a control, with what is to be said of it. */
export interface Control {
  readonly report?: ControlReport;
  readonly notes: readonly Message[];
}

/** Of the stage; the rest is measuring. */
const trainingShare = 0.9;

/**
 * Trains a dense model of the original's structure beside the pruned one, like the pruned one but from scratch, and measures it: with fewer
 * hidden units, so that it has as many parameters as the pruned model has nonzero weights, or as little less as units allow. Nothing of it
 * stays. What fails in it costs only the comparison, and a note tells why. Throws `UserError` cancelled.
 * @param original as it was pruned; of its weights none is taken but of what the file says is not trained
 * @param nonzero weights of the pruned model
 */
export async function controlOf(
  original: Model,
  nonzero: number,
  preparation: Preparation,
  judge: Judge,
  context: JobContext,
  step: StageStep,
): Promise<Control> {
  const stopped: Control = { notes: [{ code: 'noteControlStopped', args: {} }] };
  if (context.finish?.aborted) return stopped;
  await step('control', 0);
  try {
    const smaller = sizedFor(original, nonzero);
    return await withSaved(original, {}, smaller, context, async (small) => {
      const graph = evaluableGraph(small);
      const kept = await draw(small, graph, smaller, preparation, context);
      const course = await train(graph, original, preparation, judge, context, step);
      if (context.finish?.aborted) return stopped;
      const measured = await judged(small, original, judge, (done) =>
        step('control', trainingShare + done * (1 - trainingShare)),
      );
      const layers = small.layers.map(({ name, hiddenSize: units }) => ({ name, units }));
      const { parameters } = smaller;
      return {
        report: { layers, parameters, ...measured, ...course },
        notes: [
          ...(parameters > nonzero
            ? [{ code: 'noteControlLarger', args: { parameters, nonzero } } as const]
            : []),
          ...(kept.length > 0 ? [{ code: 'noteControlKept', args: { parameters: kept } } as const] : []),
        ],
      };
    });
  } catch (error) {
    if (context.signal.aborted) throw error;
    return { notes: [because('noteNoControl', inPlace(error))] };
  }
}

/** Throws reasonControlFrozen where the model is too large, and no unit can go. */
function sizedFor(original: Model, nonzero: number): ShrunkWithin {
  const smaller = shrinkWithin(original, nonzero);
  const { shrinking, parameters, frozen } = smaller;
  if (shrinking || parameters <= nonzero) return smaller;
  const layers = original.layers.map(({ name }) => name);
  throw new UserError('reasonControlFrozen', { layers }, frozen[0]?.reason);
}

/**
 * Gives every weight a drawn value, but those that the file says are not trained, such as an embedding that was learned elsewhere: these
 * are no result of a training that the control would be spared. Where units have left them they are drawn, too, and stay so. Returns
 * the names of what was kept.
 */
async function draw(
  { parameters }: Model,
  graph: Graph,
  { shrinking }: ShrunkWithin,
  { settings: { seed } }: Preparation,
  context: JobContext,
): Promise<string[]> {
  const drawn = await freshWeights(graph, seed, () => breathe(context));
  const kept: string[] = [];
  for (const parameter of parameters) {
    const values = drawn.get(parameter);
    if (values && (parameter.trainable || shrinking?.parameters.has(parameter.name)))
      parameter.trained = values;
    else kept.push(parameter.name);
  }
  return kept;
}

async function train(
  graph: Graph,
  original: Model,
  preparation: Preparation,
  judge: Judge,
  { finish }: JobContext,
  step: StageStep,
): Promise<Pick<ControlReport, 'epochs' | 'seconds'>> {
  const { samples, optimizer, settings } = preparation;
  return withAims(preparation, original, judge, async (aims) => {
    const task = await startTraining(graph, aims, samples, optimizer, settings, judge.engineOptions);
    try {
      const { epochs, weights } = await finetune(task, {
        sparsity: () => 0,
        step: (_, done) => step('control', done * trainingShare),
        finish,
      });
      for (const [parameter, values] of weights) parameter.trained = values;
      return { epochs: epochs.length, seconds: epochs.reduce((sum, { seconds }) => sum + seconds, 0) };
    } finally {
      await task.session.dispose();
    }
  });
}

/** The same error without advice that is for those who asked for a training, or a shrunk file, itself. */
function inPlace(error: unknown): unknown {
  if (!(error instanceof UserError)) return error;
  const { code, args, cause } = error.info;
  if (code === 'trainingDiverged') return new UserError('reasonControlDiverged', args);
  return code === 'shrinkUnsupported' && cause ? new UserError(cause.code, cause.args, cause.cause) : error;
}
