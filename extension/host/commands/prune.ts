import * as vscode from 'vscode';
import type { Recipe } from '../../protocol/recipe.ts';
import type { PruneReport } from '../../protocol/report.ts';
import { messageOf } from '../../protocol/userError.ts';
import { type Choices, dataFor, withUsed } from '../services/choices.ts';
import { baseName } from '../services/fileKinds.ts';
import { stampOf } from '../services/fileStamp.ts';
import type { Services } from '../services/services.ts';
import { showError } from '../services/showMessage.ts';
import { runClarified } from './dataQuestions.ts';
import { progressOf } from './jobProgress.ts';
import { targetsOf } from './modelTargets.ts';
import { pickModel } from './pickModel.ts';
import { askPruneSettings } from './pruneSettings.ts';

/** Prunes the models it was called on, or one that the user picks; every result opens in the panel. */
export async function prune(services: Services, clicked?: unknown, selected?: unknown): Promise<void> {
  const title = vscode.l10n.t('Prune LSTM');
  const targets =
    targetsOf(clicked, selected) ?? (await pickModel(services, title).then((uri) => uri && [uri]));
  if (!targets) return;
  const heading =
    targets.length === 1
      ? vscode.l10n.t('Prune {name}', { name: baseName(targets[0]) })
      : vscode.l10n.t('Prune {count} models', { count: targets.length });
  const choices = await askPruneSettings(heading, targets[0], services.choices.get());
  if (!choices) return;
  await services.choices.set(choices);
  await pruneAll(services, targets, choices);
}

/** One after another under one notification; a failure is shown and the next model follows, a cancel ends it all. */
async function pruneAll(services: Services, targets: readonly vscode.Uri[], choices: Choices): Promise<void> {
  const title =
    targets.length === 1
      ? vscode.l10n.t('Pruning {name}', { name: baseName(targets[0]) })
      : vscode.l10n.t('Pruning {count} models', { count: targets.length });
  const reports: PruneReport[] = [];
  let current = choices;
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (reporter, token) => {
      for (const [index, uri] of targets.entries()) {
        if (token.isCancellationRequested) break;
        const onProgress = progressOf(reporter, index, targets.length, baseName(uri));
        // The report tells of the file as it was then.
        let stamp: string | undefined;
        const job = (options: Choices['data']) =>
          services.jobs.run(uri, async () => {
            stamp = await stampOf(uri);
            const request = { path: uri.fsPath, recipe: recipeOf(uri, choices, options) };
            return services.background.prune(request, token, onProgress);
          });
        try {
          const data = dataFor(current, uri.fsPath);
          const { result: report, data: used } = await runClarified(title, data, job);
          if (used && used !== data) {
            current = withUsed(current, uri.fsPath, used);
            await services.choices.set(current);
          }
          services.log.info(`${report.model} -> ${report.output}`);
          await services.inspections.record(uri, report.before, stamp);
          reports.push(report);
        } catch (error) {
          if (messageOf(error).code === 'cancelled' && reports.length > 0) break;
          void showError(error, services.log);
          if (messageOf(error).code === 'cancelled') return;
        }
      }
      if (!token.isCancellationRequested || reports.length === targets.length) return;
      const counts = { done: reports.length, count: targets.length };
      void vscode.window.showInformationMessage(
        vscode.l10n.t('Cancelled; {done} of {count} models were pruned before.', counts),
      );
    },
  );
  for (const report of reports) await services.panels.showResult(report);
}

function recipeOf(uri: vscode.Uri, choices: Choices, data: Choices['data']): Recipe {
  const { criterion, sparsity, k, scope } = choices;
  const compress = vscode.workspace.getConfiguration('lstmPruner', uri).get('compress') === true;
  const target = criterion === 'threshold' ? { k } : { sparsity };
  return { ...data, criterion, scope, ...target, ...(compress && { compress }) };
}
