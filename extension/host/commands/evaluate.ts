import * as vscode from 'vscode';
import type { DataOptions } from '../../protocol/recipe.ts';
import { type Choices, dataFor, withUsed } from '../services/choices.ts';
import { baseName } from '../services/fileKinds.ts';
import type { Services } from '../services/services.ts';
import { type DataDraft, dataStep } from './dataChoice.ts';
import { runClarified } from './dataQuestions.ts';
import { forEachModel } from './forEachModel.ts';
import { progressOf } from './jobProgress.ts';
import { targetsOf } from './modelTargets.ts';
import { runSteps } from './multiStep.ts';
import { pickModel } from './pickModel.ts';

/** Measures loss and metrics of a model on data that the user picks, and shows them in the panel. */
export async function evaluate(services: Services, clicked?: unknown, selected?: unknown): Promise<void> {
  const targets = targetsOf(clicked, selected);
  const uri = targets?.[0] ?? (await pickModel(services, vscode.l10n.t('Evaluate')));
  if (!uri) return;
  const title = vscode.l10n.t('Evaluate {name}', { name: baseName(uri) });
  const last = services.choices.get();
  const draft: DataDraft = last.data ? { data: last.data } : {};
  const steps = dataStep({ title, near: uri, draft, optional: () => false, step: 1, totalSteps: 1 });
  if (!(await runSteps(steps)) || !draft.data) return;
  let choices: Choices = { ...last, data: draft.data };
  await services.choices.set(choices);

  await forEachModel(services, targets ?? [uri], async (model) => {
    const data = dataFor(choices, model.fsPath);
    const used = data && (await evaluateOne(services, model, data));
    if (!used || used === data) return;
    choices = withUsed(choices, model.fsPath, used);
    await services.choices.set(choices);
  });
}

/** Returns the data options that it succeeded with. */
async function evaluateOne(services: Services, uri: vscode.Uri, data: DataOptions): Promise<DataOptions> {
  const title = vscode.l10n.t('Evaluating {name}', { name: baseName(uri) });
  const { choice, surroundings } = await services.engines.settingsFor(uri);
  const job = async (options: DataOptions) =>
    vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (reporter, token) => {
        const onProgress = progressOf(reporter, 0, 1, baseName(uri));
        const request = { path: uri.fsPath, data: { ...options, ...choice }, ...surroundings };
        return services.background.evaluate(request, token, onProgress);
      },
    );
  const { result, data: used } = await runClarified(title, data, job);
  await services.panels.showEvaluation(uri.fsPath, result);
  return used;
}
