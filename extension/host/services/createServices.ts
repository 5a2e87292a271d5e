import * as vscode from 'vscode';
import { BackgroundClient } from './backgroundClient.ts';
import { RememberedChoices } from './choices.ts';
import { Engines } from './engines.ts';
import { Inspections } from './inspections.ts';
import { ModelSearch } from './modelSearch.ts';
import { RunningJobs } from './runningJobs.ts';
import type { Services } from './services.ts';

/** Makes the parts that commands, editors and diagnostics share; they end with the extension. */
export function createServices(context: vscode.ExtensionContext): Omit<Services, 'panels'> {
  const log = vscode.window.createOutputChannel('LSTM Pruner', { log: true });
  const background = new BackgroundClient({
    module: context.asAbsolutePath('dist/background.js'),
    l10nBundle: vscode.l10n.uri?.fsPath,
    locale: vscode.env.language,
    log: (line) => log.info(line),
  });
  const inspections = new Inspections(background);
  const engines = new Engines(context.globalStorageUri);
  context.subscriptions.push(log, background, inspections, engines);
  return {
    log,
    background,
    inspections,
    models: new ModelSearch(background),
    choices: new RememberedChoices(context.workspaceState),
    jobs: new RunningJobs(),
    engines,
  };
}
