import type { Model } from '../model/model.ts';
import { readMasked } from '../model/parameter.ts';
import type { Message } from '../protocol/messages.ts';
import type { Recipe } from '../protocol/recipe.ts';
import type { ShrinkReport } from '../protocol/report.ts';
import { type Shrunk, solveShrinking } from '../pruning/units/shrink.ts';
import { breathe, type JobContext } from './context.ts';

/** Refuses what could not be written, before the work begins. */
export async function checkWritable(model: Model, { compress, shrink }: Recipe): Promise<void> {
  if (shrink) await model.checkRebuild('shrink');
  else if (compress) await model.checkRebuild('compress');
}

/** Which hidden units the model can do without as it is now, masked and trained; undefined where the recipe does not shrink. */
export async function shrunkOf(
  model: Model,
  { shrink }: Recipe,
  context: JobContext,
): Promise<Shrunk | undefined> {
  return shrink ? solveShrinking(model, readMasked, () => breathe(context)) : undefined;
}

/** Writes a model as a recipe wants it, without the units that it can do without. */
export function saveModel(
  model: Model,
  path: string,
  { compress }: Recipe,
  shrunk: Shrunk | undefined,
  context: JobContext,
): Promise<void> {
  const shrink = shrunk?.shrinking;
  return model.save(path, {
    compress: compress === true,
    step: () => breathe(context),
    ...(shrink && { shrink }),
  });
}

export function shrinkReport({ shrinking, frozen }: Shrunk): ShrinkReport {
  return {
    layers: (shrinking?.layers ?? []).map((layer) => ({ ...layer })),
    frozen: frozen.map(({ layers, reason }) => ({ layers: [...layers], reason })),
  };
}

/** What left the file. Layers whose units cannot go were named when the units were chosen. */
export function shrinkNotes({ shrinking, held }: Shrunk, model: Pick<Model, 'shrinkNotes'>): Message[] {
  const heldNotes = held.map(
    ({ layers, others }): Message => ({ code: 'noteUnitsHeld', args: { layers, others } }),
  );
  if (!shrinking) return [{ code: 'noteNothingShrunk', args: {} }, ...heldNotes];
  const layers = shrinking.layers.map(({ name, before, after }) => `${name} ${before} → ${after}`);
  return [{ code: 'noteShrunk', args: { layers } }, ...heldNotes, ...(model.shrinkNotes?.(shrinking) ?? [])];
}
