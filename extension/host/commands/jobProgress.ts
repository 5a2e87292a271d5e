import * as vscode from 'vscode';
import { stageTexts } from '../../protocol/stages.ts';
import type { OnProgress } from '../services/backgroundClient.ts';

type Reporter = vscode.Progress<{ message?: string; increment?: number }>;

/** Moves one notification over several jobs: job `index` of `count` fills its share of it. */
export function progressOf(reporter: Reporter, index: number, count: number, name: string): OnProgress {
  let reported = 0;
  return ({ stage, done }) => {
    const increment = Math.max(0, ((done - reported) * 100) / count);
    reported = Math.max(reported, done);
    const text = vscode.l10n.t(stageTexts[stage]);
    const message =
      count === 1
        ? text
        : vscode.l10n.t('{name} ({index} of {count}): {text}', { name, index: index + 1, count, text });
    reporter.report({ message, increment });
  };
}
