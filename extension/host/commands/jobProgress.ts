import * as vscode from 'vscode';
import type { JobProgress } from '../../protocol/requests.ts';
import type { OnProgress } from '../services/backgroundClient.ts';

/** What a stage of a job is called while it runs. */
export function stageText(stage: JobProgress['stage']): string {
  const texts: Record<JobProgress['stage'], string> = {
    open: vscode.l10n.t('Reading the model…'),
    evaluateBefore: vscode.l10n.t('Measuring the loss before…'),
    prune: vscode.l10n.t('Pruning…'),
    write: vscode.l10n.t('Writing…'),
    verify: vscode.l10n.t('Checking what was written…'),
    evaluateAfter: vscode.l10n.t('Measuring the loss after…'),
    evaluate: vscode.l10n.t('Measuring the loss…'),
  };
  return texts[stage];
}

type Reporter = vscode.Progress<{ message?: string; increment?: number }>;

/** Moves one notification over several jobs: job `index` of `count` fills its share of it. */
export function progressOf(reporter: Reporter, index: number, count: number, name: string): OnProgress {
  let reported = 0;
  return ({ stage, done }) => {
    const increment = Math.max(0, ((done - reported) * 100) / count);
    reported = Math.max(reported, done);
    const text = stageText(stage);
    const message =
      count === 1
        ? text
        : vscode.l10n.t('{name} ({index} of {count}): {text}', { name, index: index + 1, count, text });
    reporter.report({ message, increment });
  };
}
