import * as vscode from 'vscode';
import { type ConversionTarget, conversionTargets } from '../../protocol/conversion.ts';
import { baseName } from '../services/fileKinds.ts';
import type { Services } from '../services/services.ts';
import { localize } from '../services/showMessage.ts';
import { forEachModel } from './forEachModel.ts';
import { progressOf } from './jobProgress.ts';
import { modelsFor } from './pickModel.ts';

interface Item extends vscode.QuickPickItem {
  readonly target: ConversionTarget;
}

/** Writes models beside themselves in another format, which the user chooses. */
export async function convert(services: Services, clicked?: unknown, selected?: unknown): Promise<void> {
  const name = vscode.l10n.t('Convert Model');
  const models = await modelsFor(services, name, clicked, selected);
  if (!models) return;
  const title = vscode.l10n.t('Convert {name}', { name: baseName(models[0]) });
  const placeHolder = vscode.l10n.t('The format to write; the original stays as it is');
  const chosen = await vscode.window.showQuickPick(itemsFor(models), { title, placeHolder });
  if (!chosen) return;
  await forEachModel(services, models, (model) => convertOne(services, model, chosen.target));
}

/** All formats but that which the models have already. */
function itemsFor(models: readonly vscode.Uri[]): Item[] {
  const targets = Object.entries(conversionTargets) as [
    ConversionTarget,
    { ending: string; label: string },
  ][];
  return targets
    .filter(([, { ending }]) => !models.every(({ path }) => path.toLowerCase().endsWith(ending)))
    .map(([target, { ending, label }]) => ({ target, label, description: ending }));
}

async function convertOne(
  { background, jobs, log }: Services,
  model: vscode.Uri,
  to: ConversionTarget,
): Promise<void> {
  const title = vscode.l10n.t('Converting {name}', { name: baseName(model) });
  const report = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    (reporter, token) =>
      jobs.run(model, () =>
        background.convert({ path: model.fsPath, to }, token, progressOf(reporter, 0, 1, baseName(model))),
      ),
  );
  log.info(`${report.model} -> ${report.output}`);
  const written = vscode.Uri.file(report.output);
  const sentences = [
    vscode.l10n.t('{file} was written.', { file: vscode.workspace.asRelativePath(written) }),
    ...report.notes.map(localize),
  ];
  const reveal = vscode.l10n.t('Show in Explorer');
  const answer = await vscode.window.showInformationMessage(sentences.join(' '), reveal);
  if (answer === reveal) await vscode.commands.executeCommand('revealInExplorer', written);
}
