import { openModel } from '../formats/open.ts';
import { checkRecipe } from '../protocol/recipeChecks.ts';
import type { EvaluateReport } from '../protocol/report.ts';
import type { EvaluateRequest } from '../protocol/requests.ts';
import { UserError } from '../protocol/userError.ts';
import { evaluateGraph, readSamples } from '../training/evaluate.ts';
import { breathe, type JobContext } from './context.ts';

/** Loss and metrics of a model on data. Throws the reason where the model cannot be evaluated. */
export async function evaluate(
  { path, data }: EvaluateRequest,
  context: JobContext,
): Promise<EvaluateReport> {
  checkRecipe(data);
  if (data.data === undefined && data.x === undefined) throw new UserError('dataNeeded');
  context.progress({ stage: 'open', done: 0 });
  const model = await openModel(path);
  try {
    const { graph, notEvaluable, training } = model;
    if (!graph)
      throw notEvaluable
        ? new UserError(notEvaluable.code, notEvaluable.args, notEvaluable.cause)
        : new UserError('graphUnsupported');
    await breathe(context);
    const samples = await readSamples(graph, data, context.signal);
    return await evaluateGraph(graph, samples, {
      ...data,
      ...(training && { training }),
      step: async (done) => {
        context.progress({ stage: 'evaluate', done });
        await breathe(context);
      },
    });
  } finally {
    await model.close();
  }
}
