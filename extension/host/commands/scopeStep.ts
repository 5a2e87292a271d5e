import * as vscode from 'vscode';
import { scopesOf } from '../../protocol/compatibility.ts';
import { scopes as allScopes, type ScopeName } from '../../protocol/recipe.ts';
import { scopeLabels } from '../../protocol/recipeFacts.ts';
import { scopeTexts } from '../../protocol/recipeTexts.ts';
import { type Choices, pruningFor } from '../services/choices.ts';
import { type Choice, outcomeOf, pick, type Step, type StepFrame } from './multiStep.ts';
import { say } from './words.ts';

type Frame = Pick<StepFrame, 'title' | 'step' | 'totalSteps'>;

/** Asks over what the weights compete, of what fits the granularity. */
export function scopeStep(frame: Frame, draft: Choices): Step {
  return async (canGoBack) => {
    const scopes = scopesOf[draft.granularity];
    if (scopes.length < 2) return 'passed';
    const present = pruningFor(draft).scope;
    const items: Choice<ScopeName>[] = allScopes
      .filter((scope) => scopes.includes(scope))
      .map((scope) => {
        const text = scopeTexts[scope];
        return { label: say(scopeLabels[scope]), detail: vscode.l10n.t(text), value: scope };
      });
    const answer = await pick<ScopeName>({
      ...frame,
      canGoBack,
      placeholder: vscode.l10n.t('Over what do the weights compete?'),
      items,
      active: items.find(({ value }) => value === present),
    });
    return outcomeOf(answer, (scope) => {
      draft.scope = scope;
    });
  };
}
