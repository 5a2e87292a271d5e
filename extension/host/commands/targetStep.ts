import * as vscode from 'vscode';
import { listOf } from '../../protocol/labels.ts';
import { criterionLabels, granularityLabels, granularityText } from '../../protocol/recipeFacts.ts';
import { type Choices, defaultChoices, fitted, pruningFor, takesBudget } from '../services/choices.ts';
import { askCriterion } from './criterionChoice.ts';
import { percent } from './format.ts';
import { askGranularity } from './granularityChoice.ts';
import {
  ask,
  type Choice,
  chooseAmongDetails,
  detailItem,
  detailsLine,
  outcomeOf,
  pick,
  type Step,
  type StepFrame,
} from './multiStep.ts';
import { numberText, parsePositive, parseShare } from './numberInput.ts';
import { say } from './words.ts';

const presets = [0.5, 0.7, 0.8, 0.9, 0.95];
/** Of few, all of them may be meant. */
const layerPresets = [0.5, 1];

type Target = { sparsity: number } | { by: 'threshold' | 'budget' | 'pattern' };
type Detail = 'criterion' | 'granularity';
type Frame = Pick<StepFrame, 'title' | 'step' | 'totalSteps'>;

/** Asks how much goes; by what, and what as one, is behind items of the same list. */
export function targetStep(frame: Frame, draft: Choices): Step {
  return (canGoBack) =>
    chooseAmongDetails<Target, Detail>(
      () => askTarget(frame, draft, canGoBack),
      (detail) => (detail === 'criterion' ? askCriterion : askGranularity)(frame.title, draft),
      (target) => choose(draft, target),
    );
}

function askTarget(frame: Frame, draft: Choices, canGoBack: boolean) {
  const targets = draft.granularity === 'n:m' ? [patternItem(draft)] : targetItems(draft);
  const details: Choice<Target | Detail>[] = [
    detailsLine(),
    detailItem(criterionText(draft), 'criterion'),
    detailItem(
      vscode.l10n.t('Granularity: {name}', { name: granularityText(pruningFor(draft), say) }),
      'granularity',
    ),
  ];
  return pick<Target | Detail>({
    ...frame,
    canGoBack,
    placeholder:
      draft.granularity === 'layer'
        ? vscode.l10n.t('How many of the layers that can go? Choose a share, or type one')
        : vscode.l10n.t('How many of the weights should become zero? Choose a share, or type one'),
    items: [...targets, ...details],
    active: targets.find(({ value }) => value && isPresent(draft, value)) ?? targets[0],
    ...(draft.granularity !== 'n:m' && { typed: typedShare }),
  });
}

function targetItems(draft: Choices): Choice<Target>[] {
  const usual = draft.granularity === 'layer' ? layerPresets : presets;
  const shares = [...new Set([...usual, draft.sparsity])].filter((share) => share > 0).sort((a, b) => a - b);
  const description = unusual(draft);
  return [
    ...shares.map((sparsity) => ({
      label: percent(sparsity),
      ...(description !== undefined && { description }),
      value: { sparsity },
    })),
    {
      label: vscode.l10n.t('By threshold…'),
      description: vscode.l10n.t('every weight smaller than k times the mean magnitude'),
      value: { by: 'threshold' },
    },
    ...(takesBudget(draft)
      ? [
          {
            label: vscode.l10n.t('By budget…'),
            description: vscode.l10n.t('so many weights, bytes or multiply-adds may remain'),
            value: { by: 'budget' } as const,
          },
        ]
      : []),
  ];
}

/** Where the pattern says how much goes, there is nothing to choose. */
function patternItem(draft: Choices): Choice<Target> {
  return { label: granularityText(pruningFor(draft), say), value: { by: 'pattern' } };
}

/** What a share means where it is not of single weights by their magnitude, so that nobody takes it for that. */
function unusual(draft: Choices): string | undefined {
  const { criterion, granularity } = draft;
  const parts = [];
  if (criterion !== defaultChoices.criterion && criterion !== 'threshold')
    parts.push(say(criterionLabels[criterion]));
  if (granularity !== defaultChoices.granularity) parts.push(say(granularityLabels[granularity]));
  return parts.length > 0 ? listOf(parts, say) : undefined;
}

function criterionText({ criterion }: Choices): string {
  return vscode.l10n.t('Criterion: {name}', { name: say(criterionLabels[criterion]) });
}

function isPresent({ criterion, budget, sparsity }: Choices, target: Target): boolean {
  if ('sparsity' in target) return criterion !== 'threshold' && !budget && target.sparsity === sparsity;
  if (target.by === 'threshold') return criterion === 'threshold';
  return target.by === 'budget' && budget !== undefined && criterion !== 'threshold';
}

function choose(draft: Choices, target: Target): void {
  if ('by' in target && target.by === 'threshold') {
    fitted(draft, { criterion: 'threshold' });
    return;
  }
  if (draft.criterion === 'threshold') draft.criterion = defaultChoices.criterion;
  if ('sparsity' in target) {
    draft.sparsity = target.sparsity;
    delete draft.budget;
  } else if (target.by === 'budget') draft.budget ??= { key: 'maxParameters', most: 0 };
}

function typedShare(text: string): Choice<Target> {
  const sparsity = parseShare(text);
  if (sparsity !== undefined && sparsity > 0 && sparsity < 1)
    return { label: percent(sparsity), value: { sparsity } };
  return { label: vscode.l10n.t('"{text}" is not a share between 0 and 1, such as 0.8 or 80 %', { text }) };
}

/** For a threshold: its factor. */
export function thresholdStep(title: string, draft: Choices): Step {
  return async (canGoBack) => {
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
  };
}
