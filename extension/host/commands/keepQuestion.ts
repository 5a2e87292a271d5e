import * as vscode from 'vscode';
import { numbersFor } from '../../protocol/numbers.ts';
import { askToStop, type StopAnswer } from './stopQuestion.ts';
import type { Keepable, TrainingWatch } from './trainingWatch.ts';

/** Asks what becomes of a fine-tuning that the user wants to end; see `askToStop`. */
export function askToKeep(name: string, watch: TrainingWatch): Promise<StopAnswer> {
  return askToStop({
    title: vscode.l10n.t('Stop fine-tuning {name}?', { name }),
    describe: {
      keep: vscode.l10n.t('write the model with the best weights so far'),
      discard: vscode.l10n.t('cancel; nothing is written'),
      continue: vscode.l10n.t('go on with the fine-tuning'),
    },
    text: () => watch.keepable && questionOf(watch.keepable),
    watch,
  });
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
