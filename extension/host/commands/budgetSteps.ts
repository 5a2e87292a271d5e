import * as vscode from 'vscode';
import { type BudgetKey, budgetKeys } from '../../protocol/recipeRules.ts';
import { type Choices, takesBudget } from '../services/choices.ts';
import { ask, outcomeOf, pick, type Step } from './multiStep.ts';
import { parseCount } from './numberInput.ts';

/** For a budget: what is counted, and how much of it may remain. */
export function budgetSteps(title: string, draft: Choices): Step[] {
  const budgetOf = (choices: Choices) =>
    choices.criterion === 'threshold' || !takesBudget(choices) ? undefined : choices.budget;
  return [
    async (canGoBack) => {
      const budget = budgetOf(draft);
      if (!budget) return 'passed';
      const items = budgetKeys.map((key) => ({ label: names()[key], value: key }));
      const answer = await pick<BudgetKey>({
        title,
        canGoBack,
        placeholder: vscode.l10n.t('What is the budget of?'),
        items,
        active: items.find(({ value }) => value === budget.key),
      });
      return outcomeOf(answer, (key) => {
        draft.budget = { key, most: key === budget.key ? budget.most : 0 };
      });
    },
    async (canGoBack) => {
      const budget = budgetOf(draft);
      if (!budget) return 'passed';
      const answer = await ask({
        title,
        canGoBack,
        prompt: prompts()[budget.key],
        value: budget.most > 0 ? String(budget.most) : '',
        check: (text) =>
          parseCount(text) === undefined ? vscode.l10n.t('Type a whole number from 1 on') : undefined,
      });
      return outcomeOf(answer, (text) => {
        draft.budget = { ...budget, most: parseCount(text) ?? budget.most };
      });
    },
  ];
}

function names(): Record<BudgetKey, string> {
  return {
    maxParameters: vscode.l10n.t('Nonzero weights'),
    maxBytes: vscode.l10n.t('Bytes of the nonzero weights'),
    maxMultiplyAdds: vscode.l10n.t('Multiply-adds of a sample'),
  };
}

function prompts(): Record<BudgetKey, string> {
  return {
    maxParameters: vscode.l10n.t('Nonzero weights of the whole model that may remain'),
    maxBytes: vscode.l10n.t('Bytes that the nonzero weights of the whole model may take'),
    maxMultiplyAdds: vscode.l10n.t('Multiply-adds with nonzero weights that one sample may take'),
  };
}
