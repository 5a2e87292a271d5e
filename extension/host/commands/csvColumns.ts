import * as vscode from 'vscode';
import type { DataDraft } from './dataChoice.ts';
import { ask, outcomeOf, type Step } from './multiStep.ts';
import { parseCount } from './numberInput.ts';

/** For a .csv: which columns are inputs and targets, and how long a window is. */
export function columnSteps(title: string, draft: DataDraft): Step[] {
  const csv = () => (draft.data?.data?.toLowerCase().endsWith('.csv') ? draft.data : undefined);
  const required = (text: string) =>
    text === '' ? vscode.l10n.t('Name at least one column, by its name or its index from 0') : undefined;
  return [
    async (canGoBack) => {
      const data = csv();
      if (!data) return 'passed';
      const answer = await ask({
        title,
        canGoBack,
        prompt: vscode.l10n.t('Input columns: names or indices, separated by commas'),
        value: data.x,
        check: required,
      });
      return outcomeOf(answer, (text) => {
        data.x = text;
      });
    },
    async (canGoBack) => {
      const data = csv();
      if (!data) return 'passed';
      const answer = await ask({
        title,
        canGoBack,
        prompt: vscode.l10n.t('Target columns: names or indices, separated by commas'),
        value: data.y,
        check: required,
      });
      return outcomeOf(answer, (text) => {
        data.y = text;
      });
    },
    async (canGoBack) => {
      const data = csv();
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
    },
  ];
}
