import * as vscode from 'vscode';
import { type ScopeName, scopes } from '../../protocol/recipe.ts';
import type { Choices } from '../services/choices.ts';
import { type DataDraft, dataStep } from './dataChoice.ts';
import { finetuneStep } from './finetuneStep.ts';
import { percent } from './format.ts';
import { ask, type Choice, outcomeOf, pick, runSteps, type Step } from './multiStep.ts';
import { numberText, parsePositive, parseShare } from './numberInput.ts';

const presets = [0.5, 0.7, 0.8, 0.9, 0.95];
const totalSteps = 4;

type Target = { sparsity: number } | 'threshold';

/** Asks how to prune: how much, over what, measured on which data, and how many epochs of fine-tuning. Starts from the last choices; undefined when dismissed. */
export async function askPruneSettings(
  title: string,
  near: vscode.Uri,
  last: Choices,
): Promise<Choices | undefined> {
  const draft: DataDraft & Choices = { ...last };
  const steps: Step[] = [
    (canGoBack) => targetStep(title, draft, canGoBack),
    (canGoBack) => thresholdStep(title, draft, canGoBack),
    (canGoBack) => scopeStep(title, draft, canGoBack),
    ...dataStep({ title, near, draft, optional: true, step: 3, totalSteps }),
    finetuneStep({ title, step: 4, totalSteps }, draft),
  ];
  return (await runSteps(steps)) ? draft : undefined;
}

async function targetStep(title: string, draft: Choices, canGoBack: boolean) {
  const shares = [...new Set([...presets, draft.sparsity])]
    .filter((share) => share > 0)
    .sort((a, b) => a - b);
  const items: Choice<Target>[] = shares.map((sparsity) => ({
    label: percent(sparsity),
    value: { sparsity },
  }));
  const threshold: Choice<Target> = {
    label: vscode.l10n.t('By threshold…'),
    description: vscode.l10n.t('every weight smaller than k times the mean magnitude'),
    value: 'threshold',
  };
  const active = draft.criterion === 'threshold' ? threshold : items[shares.indexOf(draft.sparsity)];
  const answer = await pick<Target>({
    title,
    step: 1,
    totalSteps,
    canGoBack,
    placeholder: vscode.l10n.t('How many of the weights should become zero? Choose a share, or type one'),
    items: [...items, threshold],
    active,
    typed: typedShare,
  });
  return outcomeOf(answer, (target) => {
    if (target === 'threshold') draft.criterion = 'threshold';
    else Object.assign(draft, { criterion: 'magnitude', sparsity: target.sparsity });
  });
}

function typedShare(text: string): Choice<Target> {
  const sparsity = parseShare(text);
  if (sparsity !== undefined && sparsity > 0 && sparsity < 1)
    return { label: percent(sparsity), value: { sparsity } };
  return { label: vscode.l10n.t('"{text}" is not a share between 0 and 1, such as 0.8 or 80 %', { text }) };
}

async function thresholdStep(title: string, draft: Choices, canGoBack: boolean) {
  if (draft.criterion !== 'threshold') return 'passed';
  const answer = await ask({
    title,
    canGoBack,
    prompt: vscode.l10n.t('k: weights smaller than k times the mean magnitude become zero'),
    value: numberText(draft.k, vscode.env.language),
    check: (text) =>
      parsePositive(text) === undefined ? vscode.l10n.t('Type a number above 0, such as 0.5') : undefined,
  });
  return outcomeOf(answer, (text) => {
    draft.k = parsePositive(text) ?? draft.k;
  });
}

async function scopeStep(title: string, draft: Choices, canGoBack: boolean) {
  const words: Record<ScopeName, { label: string; detail: string }> = {
    gate: {
      label: vscode.l10n.t('Each gate'),
      detail: vscode.l10n.t('Every gate of every layer loses the same share.'),
    },
    matrix: {
      label: vscode.l10n.t('Each matrix'),
      detail: vscode.l10n.t('Input kernel and recurrent kernel lose the same share; their gates compete.'),
    },
    layer: {
      label: vscode.l10n.t('Each layer'),
      detail: vscode.l10n.t('Every layer loses the same share; its gates and both its matrices compete.'),
    },
    global: {
      label: vscode.l10n.t('The whole model'),
      detail: vscode.l10n.t('All recurrent layers compete; the smallest weights go wherever they are.'),
    },
  };
  const items: Choice<ScopeName>[] = scopes.map((scope) => ({
    ...words[scope],
    value: scope,
  }));
  const answer = await pick<ScopeName>({
    title,
    step: 2,
    totalSteps,
    canGoBack,
    placeholder: vscode.l10n.t('Over what do the weights compete?'),
    items,
    active: items.find(({ value }) => value === draft.scope),
  });
  return outcomeOf(answer, (scope) => {
    draft.scope = scope;
  });
}
