import * as vscode from 'vscode';
import type { Reporter } from './jobProgress.ts';

/**
 * Runs work under a notification whose Cancel button asks first. VS Code takes the notification away with the click; where the work is
 * to go on, it comes back as far as it was.
 * @param confirm whether a cancel is meant; the work goes on while it is asked
 */
export async function stoppableProgress<T>(
  title: string,
  confirm: () => Promise<boolean>,
  work: (reporter: Reporter, token: vscode.CancellationToken) => Promise<T>,
): Promise<T> {
  const source = new vscode.CancellationTokenSource();
  let shown: Reporter | undefined;
  let message: string | undefined;
  let total = 0;
  const reporter: Reporter = {
    report: (step) => {
      message = step.message ?? message;
      total += step.increment ?? 0;
      shown?.report(step);
    },
  };
  const running = work(reporter, source.token);
  let over = false;
  const end = () => {
    over = true;
  };
  const ended = running.then(end, end);
  const show = () =>
    vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (fresh, token) => {
        shown = fresh;
        fresh.report({ ...(message !== undefined && { message }), increment: total });
        const stopped = new Promise<void>((resolve) => token.onCancellationRequested(() => resolve()));
        return Promise.race([ended, stopped]);
      },
    );
  try {
    while (!over && !source.token.isCancellationRequested) {
      await show();
      shown = undefined;
      if (!over && (await confirm())) source.cancel();
    }
    return await running;
  } finally {
    source.dispose();
  }
}
