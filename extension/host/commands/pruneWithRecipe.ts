import * as vscode from 'vscode';
import { baseName, isRecipe } from '../services/fileKinds.ts';
import { readRecipe, showFault } from '../services/recipeDocument.ts';
import type { Services } from '../services/services.ts';
import { type DataDraft, dataStep } from './dataChoice.ts';
import { targetsOf } from './modelTargets.ts';
import { runSteps } from './multiStep.ts';
import { pickModel } from './pickModel.ts';
import { pickRecipe } from './pickRecipe.ts';
import { pruneAll } from './pruneAll.ts';
import { RecipeSettings } from './recipeSettings.ts';

/**
 * Prunes by a recipe file. Called on recipes or models or both, it asks for what is not there; where the recipe is wrong, the file is
 * shown at the fault.
 */
export async function pruneWithRecipe(
  services: Services,
  clicked?: unknown,
  selected?: unknown,
): Promise<void> {
  const title = vscode.l10n.t('Prune LSTM with Recipe');
  const named = (Array.isArray(selected) && selected.length > 0 ? selected : [clicked]).filter(
    (uri) => uri instanceof vscode.Uri,
  );
  const models = targetsOf(
    undefined,
    named.filter((uri) => !isRecipe(uri)),
  );
  const file = named.find(isRecipe) ?? (await pickRecipe(title));
  if (!file) return;
  const settings = await settingsIn(file);
  const targets = models ?? (await pickModel(services, title).then((uri) => uri && [uri]));
  if (!targets) return;
  if (settings.lacksData) {
    const data = await askData(services, targets[0], file);
    if (!data) return;
    settings.giveData(data);
  }
  await pruneAll(services, targets, settings);
}

async function settingsIn(file: vscode.Uri): Promise<RecipeSettings> {
  try {
    return new RecipeSettings(file, await readRecipe(file));
  } catch (error) {
    await showFault(file, error);
    throw error;
  }
}

/** A recipe that needs data may leave open which, so that it fits several models. */
async function askData(services: Services, near: vscode.Uri, file: vscode.Uri): Promise<DataDraft['data']> {
  const last = services.choices.get();
  const draft: DataDraft = last.data ? { data: last.data } : {};
  const title = vscode.l10n.t('Data for {recipe}', { recipe: baseName(file) });
  const steps = dataStep({ title, near, draft, optional: () => false, step: 1, totalSteps: 1 });
  if (!(await runSteps(steps)) || !draft.data) return undefined;
  await services.choices.set({ ...last, data: draft.data });
  return draft.data;
}
