import { TargetShapeError } from '../data/check.ts';
import type { Graph } from '../model/graph.ts';
import { layersAssumption } from '../protocol/layersAssumption.ts';
import type { Message, MessageCode } from '../protocol/messages.ts';
import { descriptionLine, parseDescription } from '../protocol/modelDescription.ts';
import { UserError } from '../protocol/userError.ts';

/** What data and a graph disagree about where it may be the graph that is wrong. */
const misfits: readonly MessageCode[] = ['arrayShape', 'columnCount', 'inputCount'];

/**
 * Reads data for a graph. Where the two do not fit, and something was taken for granted of the graph, the error says so as well: that may
 * be the cause. Throws misfitAssumed, and what `read` throws.
 */
export async function namingAssumptions<T>(
  graph: Pick<Graph, 'assumptions'>,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const assumed = layersAssumption(graph);
    if (!assumed || !(error instanceof UserError) || !misfits.includes(error.info.code)) throw error;
    const assumption = (error instanceof TargetShapeError && withoutLast(assumed)) || assumed;
    throw new UserError('misfitAssumed', { misfit: error.info, assumption });
  }
}

/** How to list the layers where targets are for every step; undefined where no layer that is assumed makes one step of all. */
function withoutLast({ args: { model, layers, file } }: Message): Message | undefined {
  const assumed = parseDescription(String(layers), String(file));
  const every = assumed.filter((layer) => layer !== 'last');
  if (every.length === assumed.length) return undefined;
  return { code: 'noteLastAssumed', args: { model, layers: descriptionLine(every), file } };
}
