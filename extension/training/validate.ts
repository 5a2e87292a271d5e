import { UserError } from '../protocol/userError.ts';
import { batchSize, inBatches } from './batches.ts';
import type { FinetuneTask } from './finetuneTask.ts';
import { PenaltyMeter } from './penaltyMeter.ts';

/** Mean loss of the present weights over the rows of the validation samples that count, by the graph's own loss, with what regularizers add. Throws nothingMeasured. */
export async function validationLoss(
  { session, validation, lossGraph, regularized, settings }: FinetuneTask,
  step?: (done: number) => Promise<void>,
): Promise<number> {
  const { inputs, count } = validation;
  const penalties = new PenaltyMeter(lossGraph.graph);
  const penaltyValues = regularized ? penalties.values : [];
  const size = batchSize(session, lossGraph.graph, inputs, settings.batch);
  let [sum, all] = [0, 0];
  await inBatches(count, size, step, async (from, to) => {
    const wanted = [...lossGraph.values, ...penaltyValues];
    const [loss, rows, ...penalised] = await session.observe(await validation.slice(from, to), wanted);
    if (regularized) penalties.add(penalised, to - from);
    if (rows.data[0] === 0) return;
    sum += loss.data[0] * rows.data[0];
    all += rows.data[0];
  });
  if (all === 0) throw new UserError('nothingMeasured');
  return sum / all + (regularized ? await penalties.result(session) : 0);
}
