import * as vscode from 'vscode';
import { defaultTrials } from '../../protocol/auto.ts';
import { parseDuration, parseIncrease } from '../../protocol/lossBudget.ts';
import { numbersFor } from '../../protocol/numbers.ts';
import type { Choices } from '../services/choices.ts';
import { translate } from '../services/showMessage.ts';
import { epochsText } from './finetuneWords.ts';
import { type Choice, outcomeOf, pick, type Step } from './multiStep.ts';
import { parseCount } from './numberInput.ts';

const increases = ['1%', '2%', '5%', '10%'];
const times = ['5m', '15m', '30m', '60m'];
const epochPresets = [0, 3, 5, 10, 20];

/** The steps that ask how the smallest model is searched for. @param first number of the first */
export function searchSteps(title: string, draft: Choices, first: number, totalSteps: number): Step[] {
  const frame = (at: number) => ({ title, step: first + at, totalSteps });
  return [
    async (canGoBack) => {
      const { maxLossIncrease } = draft.search;
      const items = withLast(increases, maxLossIncrease).map(increaseItem);
      const answer = await pick<string>({
        ...frame(0),
        canGoBack,
        placeholder: vscode.l10n.t('How much higher may the validation loss be? Choose, or type 3% or 0.02'),
        items,
        active: items.find(({ value }) => value === maxLossIncrease),
        typed: (text) =>
          parseIncrease(text)
            ? increaseItem(text)
            : { label: vscode.l10n.t('"{text}" is neither a share nor a difference', { text }) },
      });
      return outcomeOf(answer, (chosen) => {
        draft.search = { ...draft.search, maxLossIncrease: chosen };
      });
    },
    async (canGoBack) => {
      const { timeBudget = '' } = draft.search;
      const items = [...withLast(times, timeBudget), ''].map(timeItem);
      const answer = await pick<string>({
        ...frame(1),
        canGoBack,
        placeholder: vscode.l10n.t(
          'How long may the search take? Choose, or type a time such as 45m or 1h30m',
        ),
        items,
        active: items.find(({ value }) => value === timeBudget),
        typed: (text) =>
          parseDuration(text)
            ? timeItem(text)
            : { label: vscode.l10n.t('"{text}" is no time such as 45m or 1h30m', { text }) },
      });
      return outcomeOf(answer, (chosen) => {
        const { timeBudget: _, ...rest } = draft.search;
        draft.search = chosen === '' ? rest : { ...rest, timeBudget: chosen };
      });
    },
    async (canGoBack) => {
      const { epochs } = draft.search;
      const counts = [...new Set([...epochPresets, epochs])].sort((a, b) => a - b);
      const items = counts.map(epochsItem);
      const answer = await pick<number>({
        ...frame(2),
        canGoBack,
        placeholder: vscode.l10n.t('For how many epochs is each trial fine-tuned? Choose, or type a number'),
        items,
        active: items.find(({ value }) => value === epochs),
        typed: (text) => {
          const count = text === '0' ? 0 : parseCount(text);
          return count === undefined
            ? { label: vscode.l10n.t('"{text}" is not a whole number of epochs', { text }) }
            : epochsItem(count);
        },
      });
      return outcomeOf(answer, (chosen) => {
        draft.search = { ...draft.search, epochs: chosen };
      });
    },
  ];
}

/** What was typed the last time stands above the others. */
function withLast(presets: readonly string[], last: string): string[] {
  return last === '' || presets.includes(last) ? [...presets] : [last, ...presets];
}

function increaseItem(text: string): Choice<string> {
  const increase = parseIncrease(text);
  const isShare = increase !== undefined && 'share' in increase;
  return {
    label: text,
    description: isShare
      ? vscode.l10n.t("of the unpruned model's loss")
      : vscode.l10n.t("more than the unpruned model's loss"),
    value: text,
  };
}

function timeItem(text: string): Choice<string> {
  const seconds = parseDuration(text);
  if (seconds !== undefined) return { label: numbersFor(vscode.env.language).duration(seconds), value: text };
  return {
    label: vscode.l10n.t('No limit'),
    description: vscode.l10n.t('{count} trials at most', { count: defaultTrials }),
    value: '',
  };
}

function epochsItem(epochs: number): Choice<number> {
  return {
    label: epochs === 0 ? vscode.l10n.t('No fine-tuning') : epochsText(epochs, translate),
    value: epochs,
  };
}
