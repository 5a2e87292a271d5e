import * as vscode from 'vscode';
import { baseName } from '../services/fileKinds.ts';
import type { Services } from '../services/services.ts';
import { dataStep } from './dataChoice.ts';
import { forEachOnData } from './dataJob.ts';
import { runSteps } from './multiStep.ts';
import { modelsFor } from './pickModel.ts';
import { searchOne } from './searchOne.ts';
import { searchSteps } from './searchSteps.ts';

/** Searches for the smallest model within a loss budget on data that the user picks, and shows in a panel what was tried. */
export async function findSmallest(services: Services, clicked?: unknown, selected?: unknown): Promise<void> {
  const name = vscode.l10n.t('Find the Smallest Model');
  const models = await modelsFor(services, name, clicked, selected);
  if (!models) return;
  const draft = services.choices.get();
  const title = vscode.l10n.t('Find the smallest model of {name}', { name: baseName(models[0]) });
  const totalSteps = 4;
  const steps = [
    ...dataStep({ title, near: models[0], draft, optional: () => false, step: 1, totalSteps }),
    ...searchSteps(title, draft, 2, totalSteps),
  ];
  if (!(await runSteps(steps))) return;
  await forEachOnData(services, models, draft, (model, data) =>
    searchOne(services, model, data, draft.search),
  );
}
