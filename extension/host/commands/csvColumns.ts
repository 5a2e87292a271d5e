import * as vscode from 'vscode';
import type { DataDraft } from './dataChoice.ts';
import { ask, outcomeOf, type Step } from './multiStep.ts';
import { parseCount } from './numberInput.ts';

/** For a .csv: which columns are inputs and targets, and how long a window is. */
export function columnSteps(title: string, draft: DataDraft): Step[] {
  return [
    columnsStep(title, draft, 'x', vscode.l10n.t('Input columns: names or indices, separated by commas')),
    columnsStep(title, draft, 'y', vscode.l10n.t('Target columns: names or indices, separated by commas')),
    windowStep(title, draft),
  ];
}

/** The choice as far as it is made, where it is a .csv. */
function csvOf({ data }: DataDraft): DataDraft['data'] {
  return data?.data?.toLowerCase().endsWith('.csv') ? data : undefined;
}

function columnsStep(title: string, draft: DataDraft, key: 'x' | 'y', prompt: string): Step {
  return async (canGoBack) => {
    const data = csvOf(draft);
    if (!data) return 'passed';
    const check = (text: string) =>
      text === '' ? vscode.l10n.t('Name at least one column, by its name or its index from 0') : undefined;
    const answer = await ask({ title, canGoBack, prompt, value: data[key], check });
    return outcomeOf(answer, (text) => {
      data[key] = text;
    });
  };
}

function windowStep(title: string, draft: DataDraft): Step {
  return async (canGoBack) => {
    const data = csvOf(draft);
    if (!data) return 'passed';
    const answer = await ask({
      title,
      canGoBack,
      prompt: vscode.l10n.t("Rows in a window; leave it empty for the model's own length"),
      value: data.window === undefined ? '' : String(data.window),
      check: (text) =>
        text !== '' && parseCount(text) === undefined
          ? vscode.l10n.t('Type a whole number from 1 on, or nothing')
          : undefined,
    });
    return outcomeOf(answer, (text) => {
      const window = parseCount(text);
      if (window === undefined) delete data.window;
      else data.window = window;
    });
  };
}
