import type { BareSamples } from '../data/dataset.ts';
import type { Evidence, EvidenceKind } from '../model/evidence.ts';
import type { Model } from '../model/model.ts';
import type { Recipe } from '../protocol/recipe.ts';
import { absentKeys } from '../protocol/recipeRules.ts';
import { UserError } from '../protocol/userError.ts';
import { criteriaByName } from '../pruning/criteria/byName.ts';
import type { Prunable } from '../pruning/prunable.ts';
import { defaultSeed } from '../training/defaults.ts';
import { needsGradients, usualSamples } from '../training/evidence/gather.ts';
import { evidenceAbout } from '../training/evidence/open.ts';
import { evidencePart } from '../training/evidence/samples.ts';
import { hasData } from './asked.ts';
import { addNotes, type Judge } from './judge.ts';

/** What a recipe's criterion needs to know before anything is pruned; what only a training tells is for its schedule. */
export function evidenceNeeded({
  criterion = absentKeys.criterion,
}: Pick<Recipe, 'criterion'>): EvidenceKind[] {
  return criteriaByName[criterion].needs.filter((kind) => kind !== 'movement');
}

/** Refuses a criterion that judges by data where there is none. Throws `UserError` criterionNeedsData. */
export function checkEvidence(recipe: Recipe): void {
  if (evidenceNeeded(recipe).length === 0 || hasData(recipe)) return;
  throw new UserError('criterionNeedsData', { criterion: recipe.criterion ?? absentKeys.criterion });
}

/** The samples that evidence is taken from, by what was said or is usual: what a recipe needs to have to give the same again. */
export function recordedEvidence(recipe: Recipe): Pick<Recipe, 'samples' | 'seed'> {
  const kinds = evidenceNeeded(recipe);
  if (kinds.length === 0) return {};
  const { samples = usualSamples(kinds), seed = defaultSeed } = recipe;
  return { samples, seed };
}

/** What is to be told of a model's weights. */
export interface EvidenceWanted {
  readonly recipe: Recipe;
  /** What is judged. */
  readonly parts: readonly Prunable[];
  /** The samples that the model is trained on, where they are read already. */
  readonly training?: BareSamples | undefined;
}

/**
 * Gathers what a recipe's criterion needs to know, from the samples that the model is or would be trained on; nothing where it needs
 * nothing. Throws `UserError` criterionNeedsGraph or criterionNeedsTargets.
 * @param step called with the share that is done; throws to stop
 */
export async function gatherFor(
  { recipe, parts, training }: EvidenceWanted,
  { graph, layers }: Model,
  judge: Pick<Judge, 'samples' | 'obstacle' | 'engineOptions' | 'notes'>,
  signal: AbortSignal,
  step: (done: number) => Promise<void>,
): Promise<Evidence> {
  const kinds = evidenceNeeded(recipe);
  if (kinds.length === 0) return {};
  const { samples: reported, obstacle, engineOptions } = judge;
  const { criterion = absentKeys.criterion, samples: most, batch, seed } = recipe;
  if (!graph || !reported) throw new UserError('criterionNeedsGraph', { criterion }, obstacle);
  await step(0);
  const { samples, notes } = training
    ? { samples: training, notes: [] }
    : await evidencePart<BareSamples>(reported.dataset, reported, signal);
  if (kinds.some(needsGradients) && !(reported.loss && samples.targets))
    throw new UserError('criterionNeedsTargets', { criterion });
  addNotes(judge.notes, notes);
  const wish = { layers, parts, most, batch, seed };
  return evidenceAbout(graph, reported.loss, samples, kinds, wish, engineOptions, step);
}
