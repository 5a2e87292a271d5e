import * as vscode from 'vscode';
import { numbersFor } from '../../protocol/numbers.ts';
import type { FinetuneProgress, JobProgress } from '../../protocol/requests.ts';
import { searchText } from '../../protocol/searchText.ts';
import { stageTexts } from '../../protocol/stages.ts';
import type { OnProgress } from '../services/backgroundClient.ts';
import { say } from './words.ts';

export type Reporter = vscode.Progress<{ message?: string; increment?: number }>;

/** Moves one notification over several jobs: job `index` of `count` fills its share of it. */
export function progressOf(reporter: Reporter, index: number, count: number, name: string): OnProgress {
  let reported = 0;
  return (progress) => {
    const { done } = progress;
    const increment = Math.max(0, ((done - reported) * 100) / count);
    reported = Math.max(reported, done);
    const text = textOf(progress);
    const message =
      count === 1
        ? text
        : vscode.l10n.t('{name} ({index} of {count}): {text}', { name, index: index + 1, count, text });
    reporter.report({ message, increment });
  };
}

function textOf({ stage, finetune, secondsLeft, search }: JobProgress): string {
  if (search) return searchText(search, say, numbersFor(vscode.env.language));
  if (finetune) return trainingText(finetune);
  return [vscode.l10n.t(stageTexts[stage]), ...timeLeft(secondsLeft)].join(' · ');
}

/** `Epoch 3 of 10 · loss 0.4512 · 90.0% zero · about 40 sec left`, as far as it is known. */
function trainingText({ epoch, epochs, loss, sparsity, secondsLeft }: FinetuneProgress): string {
  const numbers = numbersFor(vscode.env.language);
  const parts = [vscode.l10n.t('Epoch {epoch} of {epochs}', { epoch, epochs })];
  if (loss !== undefined) parts.push(vscode.l10n.t('loss {loss}', { loss: numbers.quantity(loss) }));
  parts.push(vscode.l10n.t('{share} zero', { share: numbers.percent(sparsity) }));
  return [...parts, ...timeLeft(secondsLeft)].join(' · ');
}

/** Nothing where it cannot be told yet. */
function timeLeft(seconds: number | undefined): string[] {
  if (seconds === undefined) return [];
  const time = numbersFor(vscode.env.language).duration(seconds);
  return [vscode.l10n.t('about {time} left', { time })];
}
