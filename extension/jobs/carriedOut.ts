import { basename } from 'node:path';
import { openModel } from '../formats/open.ts';
import { createScratch } from '../formats/scratch.ts';
import type { Graph } from '../model/graph.ts';
import type { Model } from '../model/model.ts';
import type { Redirection } from '../model/removal.ts';
import type { Message } from '../protocol/messages.ts';
import type { ShrinkReport } from '../protocol/report.ts';
import { magnitude } from '../pruning/criteria/magnitude.ts';
import { leavingLayers } from '../pruning/layers/leavingLayers.ts';
import type { LayerRemoval } from '../pruning/layers/removals.ts';
import { applyPlan, type MaskOptions } from '../pruning/masks.ts';
import type { PruningPlan } from '../pruning/plan.ts';
import { prunablesOf } from '../pruning/prunable.ts';
import { everything } from '../pruning/scope.ts';

/** What a plan leaves of a model. */
export interface CarriedOut {
  /** What is trained further and written: the model itself with its masks, or what remains without the layers that went. */
  readonly model: Model;
  /** What is still to be observed while it is trained. */
  readonly plan: PruningPlan;
  /** Layers that went whole. */
  readonly removed: readonly LayerRemoval[];
  readonly notes: readonly Message[];
  /** Releases what remains where it is another model. */
  close(): Promise<void>;
}

/** Puts the masks of a plan on a model, or takes whole layers out of it. Throws what `applyPlan` and `leavingLayers` throw. */
export async function carriedOut(plan: PruningPlan, model: Model, options: MaskOptions): Promise<CarriedOut> {
  const nothing = { model, removed: [], close: async () => {} };
  if (plan.recipe.granularity !== 'layer') return { ...nothing, plan, notes: await applyPlan(plan, options) };
  await options.step?.(0);
  const { removed, redirections, notes } = await leavingLayers(plan, options, model.graph as Graph);
  const rest = removed.length === 0 ? nothing : await openWithout(redirections, model, options);
  const held = zerosOf(rest.model, plan);
  await applyPlan(held, { file: options.file });
  const layers = removed.map(({ name }) => name);
  return {
    ...rest,
    plan: held,
    removed,
    notes: [
      ...notes,
      ...(removed.length > 0 ? [{ code: 'noteLayersRemoved', args: { layers } } as const] : []),
    ],
  };
}

/** A plan that takes nothing of what is left, so that its zeros alone are held. */
function zerosOf(model: Model, { recipe, prunables }: PruningPlan): PruningPlan {
  const names = new Set(prunables.map(({ name }) => name));
  const members = prunablesOf(model).filter(({ name }) => names.has(name));
  return {
    recipe: { ...recipe, granularity: 'weight' },
    criterion: magnitude,
    prunables: members,
    sets: [{ name: everything, members, target: { sparsity: 0 } }],
    notes: [],
  };
}

/** What remains is a file of its own: its format alone knows what of it depends on the layers. */
async function openWithout(
  without: readonly Redirection[],
  original: Model,
  { step }: MaskOptions,
): Promise<Pick<CarriedOut, 'model' | 'close'>> {
  const scratch = await createScratch();
  try {
    const path = scratch.file(basename(original.path));
    await original.save(path, { compress: false, without, step: async () => step?.(0) });
    const model = await openModel(path, original);
    const close = async () => {
      await model.close();
      await scratch.remove();
    };
    // Messages and checkpoints are about the file that was chosen.
    return { model: { ...model, path: original.path }, close };
  } catch (error) {
    await scratch.remove();
    throw error;
  }
}

/** Layers that left, as those that became smaller to nothing, and those that notes say stay. */
export function removalReport(notes: readonly Message[], removed: readonly LayerRemoval[]): ShrinkReport {
  return {
    layers: removed.flatMap(({ layers }) =>
      layers.map(({ name, hiddenSize }) => ({ name, before: hiddenSize, after: 0 })),
    ),
    frozen: notes.flatMap(({ code, args, cause: reason }) =>
      code === 'noteLayerFixed' && reason
        ? [{ layers: [...(args.layers as readonly string[])], reason }]
        : [],
    ),
  };
}
