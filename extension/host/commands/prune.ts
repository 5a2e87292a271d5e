import * as vscode from 'vscode';
import { baseName } from '../services/fileKinds.ts';
import type { Services } from '../services/services.ts';
import { modelsFor } from './pickModel.ts';
import { pruneAll } from './pruneAll.ts';
import { askPruneSettings } from './pruneSettings.ts';
import { ChosenSettings } from './settingsOfPrune.ts';

/** Prunes the models it was called on, or one that the user picks; every result opens in the panel. */
export async function prune(services: Services, clicked?: unknown, selected?: unknown): Promise<void> {
  const title = vscode.l10n.t('Prune LSTM');
  const targets = await modelsFor(services, title, clicked, selected);
  if (!targets) return;
  const heading =
    targets.length === 1
      ? vscode.l10n.t('Prune {name}', { name: baseName(targets[0]) })
      : vscode.l10n.t('Prune {count} models', { count: targets.length });
  const choices = await askPruneSettings(heading, targets[0], services.choices.get());
  if (!choices) return;
  await services.choices.set(choices);
  await pruneAll(services, targets, new ChosenSettings(choices, services.choices));
}
