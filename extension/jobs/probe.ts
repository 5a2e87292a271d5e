import { probeModel } from '../formats/open.ts';
import type { ProbeRequest, ProbeResult } from '../protocol/requests.ts';
import { breathe, type JobContext } from './context.ts';

/** A quick look at a file that reads no weights. Throws noRecurrentLayers and whatever opening throws. */
export async function probe({ path }: ProbeRequest, context: JobContext): Promise<ProbeResult> {
  await breathe(context);
  return probeModel(path);
}
