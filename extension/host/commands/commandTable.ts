import * as vscode from 'vscode';
import type { Services } from '../services/services.ts';
import { showError } from '../services/showMessage.ts';
import { analyzeSensitivity } from './analyzeSensitivity.ts';
import { type CommandId, commandIds } from './commandIds.ts';
import { convert } from './convert.ts';
import { evaluate } from './evaluate.ts';
import { findSmallest } from './findSmallest.ts';
import { installTensorflowEngine } from './installTensorflow.ts';
import { prune } from './prune.ts';
import { pruneWithRecipe } from './pruneWithRecipe.ts';
import { showGates, showGatesAsText } from './showGates.ts';

interface Command {
  /** In a workspace that is not trusted: run, because it only reads the model, or ask for trust first. */
  readonly untrusted: 'run' | 'askForTrust';
  readonly run: (services: Services, ...args: unknown[]) => Promise<void>;
}

const table: Record<CommandId, Command> = {
  'lstmPruner.prune': { untrusted: 'askForTrust', run: prune },
  'lstmPruner.pruneWithRecipe': { untrusted: 'askForTrust', run: pruneWithRecipe },
  'lstmPruner.evaluate': { untrusted: 'askForTrust', run: evaluate },
  'lstmPruner.analyzeSensitivity': { untrusted: 'askForTrust', run: analyzeSensitivity },
  'lstmPruner.findSmallest': { untrusted: 'askForTrust', run: findSmallest },
  'lstmPruner.convert': { untrusted: 'askForTrust', run: convert },
  'lstmPruner.showGates': { untrusted: 'run', run: showGates },
  'lstmPruner.showGatesAsText': { untrusted: 'run', run: showGatesAsText },
  'lstmPruner.installTensorflow': { untrusted: 'run', run: installTensorflowEngine },
};

/** Registers every command; what one throws is shown to the user. */
export function registerCommands(services: Services): vscode.Disposable {
  return vscode.Disposable.from(
    ...commandIds.map((id) =>
      vscode.commands.registerCommand(id, async (...args: unknown[]) => {
        const { untrusted, run } = table[id];
        if (untrusted === 'askForTrust' && !vscode.workspace.isTrusted) return askForTrust();
        try {
          await run(services, ...args);
        } catch (error) {
          void showError(error, services.log);
        }
      }),
    ),
  );
}

async function askForTrust(): Promise<void> {
  const manage = vscode.l10n.t('Manage Workspace Trust');
  const text = vscode.l10n.t(
    'Models are pruned and evaluated only in a trusted workspace. Their gates can be viewed.',
  );
  if ((await vscode.window.showWarningMessage(text, manage)) === manage) {
    await vscode.commands.executeCommand('workbench.trust.manage');
  }
}
