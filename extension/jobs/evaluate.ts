import { openModel } from '../formats/open.ts';
import { checkRecipe } from '../protocol/recipeChecks.ts';
import type { EvaluateReport } from '../protocol/report.ts';
import type { EvaluateRequest } from '../protocol/requests.ts';
import { UserError } from '../protocol/userError.ts';
import { chooseEngine } from '../training/chooseEngine.ts';
import { evaluateGraph } from '../training/evaluate.ts';
import { readSamples } from '../training/samples.ts';
import { hasData } from './asked.ts';
import { breathe, type JobContext } from './context.ts';
import { engineOptions } from './engineOptions.ts';
import { evaluableGraph } from './evaluable.ts';

/** Loss and metrics of a model on data. Throws the reason where the model cannot be evaluated. */
export async function evaluate(request: EvaluateRequest, context: JobContext): Promise<EvaluateReport> {
  const { path, data } = request;
  checkRecipe(data);
  if (!hasData(data)) throw new UserError('dataNeeded');
  context.progress({ stage: 'open', done: 0 });
  const model = await openModel(path);
  try {
    const graph = evaluableGraph(model);
    await breathe(context);
    const samples = await readSamples(graph, data, model.training, context.signal);
    const step = async (done: number) => {
      context.progress({ stage: 'evaluate', done });
      await breathe(context);
    };
    const use = { samples, batch: data.batch, trains: false };
    const { options, notes } = await chooseEngine(graph, engineOptions(data, request), use);
    const report = await evaluateGraph(graph, samples, { batch: data.batch, step }, options);
    return { ...report, notes: [...notes, ...report.notes] };
  } finally {
    await model.close();
  }
}
