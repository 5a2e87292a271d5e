import * as vscode from 'vscode';
import { numbersFor } from '../../protocol/numbers.ts';
import type { Keepable, TrainingWatch } from './trainingWatch.ts';

export type KeepAnswer = 'keep' | 'discard' | 'continue';

/**
 * Asks what becomes of a fine-tuning that the user wants to end. It goes on meanwhile: the question shows what could be kept now, and
 * closes when there is nothing left to ask. Closing it is `continue`.
 */
export async function askToKeep(name: string, watch: TrainingWatch): Promise<KeepAnswer> {
  // A list, since a dialog could neither follow the training nor close with it.
  const input = vscode.window.createQuickPick<vscode.QuickPickItem & { readonly answer: KeepAnswer }>();
  input.title = vscode.l10n.t('Stop fine-tuning {name}?', { name });
  input.ignoreFocusOut = true;
  input.items = [
    {
      label: vscode.l10n.t('Keep'),
      description: vscode.l10n.t('write the model with the best weights so far'),
      iconPath: new vscode.ThemeIcon('save'),
      answer: 'keep',
    },
    {
      label: vscode.l10n.t('Discard'),
      description: vscode.l10n.t('cancel; nothing is written'),
      iconPath: new vscode.ThemeIcon('trash'),
      answer: 'discard',
    },
    {
      label: vscode.l10n.t('Continue'),
      description: vscode.l10n.t('go on with the fine-tuning'),
      iconPath: new vscode.ThemeIcon('debug-continue'),
      answer: 'continue',
    },
  ];
  const refresh = () => {
    const { keepable } = watch;
    if (keepable) input.placeholder = questionOf(keepable);
    else input.hide();
  };
  refresh();
  try {
    return await new Promise<KeepAnswer>((resolve) => {
      input.onDidAccept(() => resolve(input.selectedItems[0]?.answer ?? 'continue'));
      input.onDidHide(() => resolve('continue'));
      watch.onDidChange = refresh;
      input.show();
      refresh();
    });
  } finally {
    watch.onDidChange = () => {};
    input.dispose();
  }
}

function questionOf({ loss, epoch, inFirst }: Keepable): string {
  const args = { loss: numbersFor(vscode.env.language).quantity(loss), epoch };
  if (inFirst)
    return vscode.l10n.t(
      'No epoch has finished yet. Keep what was trained so far, or the pruned weights where their validation loss ({loss}) is lower?',
      args,
    );
  return epoch === 0
    ? vscode.l10n.t(
        'No epoch has lowered the validation loss of the pruned weights ({loss}). Keep those?',
        args,
      )
    : vscode.l10n.t('Keep the best weights so far (validation loss {loss} after epoch {epoch})?', args);
}
