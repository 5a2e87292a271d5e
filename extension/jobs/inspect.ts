import { openModel } from '../formats/open.ts';
import { inspectModel } from '../inspection/inspectModel.ts';
import type { InspectReport } from '../protocol/report.ts';
import type { InspectRequest } from '../protocol/requests.ts';
import { breathe, type JobContext } from './context.ts';

/** Describes every gate of a model. */
export async function inspect({ path }: InspectRequest, context: JobContext): Promise<InspectReport> {
  const model = await openModel(path);
  try {
    return await inspectModel(model, () => breathe(context));
  } finally {
    await model.close();
  }
}
