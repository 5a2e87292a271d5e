import * as vscode from 'vscode';

export type StopAnswer = 'keep' | 'discard' | 'continue';

/** What is asked of a job that the user wants to end while it goes on. */
export interface StopQuestion {
  readonly title: string;
  /** What each answer does. */
  readonly describe: Readonly<Record<StopAnswer, string>>;
  /** What could be kept now; undefined where nothing is left to ask. */
  text(): string | undefined;
  /** Calls back when the text may be another. */
  readonly watch: { onDidChange: () => void };
}

/**
 * Asks what becomes of a job that the user wants to end. It goes on meanwhile: the question shows what could be kept now, and closes when
 * there is nothing left to ask. Closing it is `continue`.
 */
export async function askToStop({ title, describe, text, watch }: StopQuestion): Promise<StopAnswer> {
  // A list, since a dialog could neither follow the job nor close with it.
  const input = vscode.window.createQuickPick<vscode.QuickPickItem & { readonly answer: StopAnswer }>();
  input.title = title;
  input.ignoreFocusOut = true;
  const item = (answer: StopAnswer, label: string, icon: string) => ({
    label,
    description: describe[answer],
    iconPath: new vscode.ThemeIcon(icon),
    answer,
  });
  input.items = [
    item('keep', vscode.l10n.t('Keep'), 'save'),
    item('discard', vscode.l10n.t('Discard'), 'trash'),
    item('continue', vscode.l10n.t('Continue'), 'debug-continue'),
  ];
  const refresh = () => {
    const shown = text();
    if (shown === undefined) input.hide();
    else input.placeholder = shown;
  };
  refresh();
  try {
    return await new Promise<StopAnswer>((resolve) => {
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
