import * as vscode from 'vscode';
import { criterionNeeds } from '../../protocol/compatibility.ts';
import { type CriterionName, criteria } from '../../protocol/recipe.ts';
import { criterionLabels } from '../../protocol/recipeFacts.ts';
import { criterionTexts } from '../../protocol/recipeTexts.ts';
import { type Choices, fitted } from '../services/choices.ts';
import { type Choice, type Outcome, outcomeOf, pick } from './multiStep.ts';
import { say } from './words.ts';

/** Asks what judges the weights. A threshold is a target of its own, and no item here. */
export async function askCriterion(title: string, draft: Choices): Promise<Outcome> {
  const items: Choice<CriterionName>[] = criteria
    .filter((criterion) => criterion !== 'threshold')
    .map((criterion) => {
      const text = criterionTexts[criterion];
      const needs = needsOf(criterion);
      return {
        label: say(criterionLabels[criterion]),
        ...(needs !== undefined && { description: needs }),
        detail: vscode.l10n.t(text),
        value: criterion,
      };
    });
  const answer = await pick<CriterionName>({
    title,
    canGoBack: true,
    placeholder: vscode.l10n.t('What judges the weights? Those with the lowest scores go'),
    items,
    active: items.find(({ value }) => value === draft.criterion),
  });
  return outcomeOf(answer, (criterion) => fitted(draft, { criterion }));
}

function needsOf(criterion: CriterionName): string | undefined {
  const needs = criterionNeeds[criterion];
  if (needs === 'weights') return undefined;
  return say(needs === 'data' ? 'needsData' : 'needsTraining');
}
