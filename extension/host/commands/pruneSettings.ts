import type * as vscode from 'vscode';
import { type Choices, needsData } from '../services/choices.ts';
import { budgetSteps } from './budgetSteps.ts';
import { type DataDraft, dataStep } from './dataChoice.ts';
import { finetuneStep } from './finetuneStep.ts';
import { runSteps, type Step } from './multiStep.ts';
import { scopeStep } from './scopeStep.ts';
import { targetStep, thresholdStep } from './targetStep.ts';

const totalSteps = 4;

/**
 * Asks how to prune: how much, over what, measured on which data, and how many epochs of fine-tuning. What judges the weights, what goes as
 * one, schedule, recovery and the control are behind items of these lists. Starts from the last choices; undefined when dismissed.
 */
export async function askPruneSettings(
  title: string,
  near: vscode.Uri,
  last: Choices,
): Promise<Choices | undefined> {
  const draft: DataDraft & Choices = { ...last };
  const frame = (step: number) => ({ title, step, totalSteps });
  const steps: Step[] = [
    targetStep(frame(1), draft),
    thresholdStep(title, draft),
    ...budgetSteps(title, draft),
    scopeStep(frame(2), draft),
    ...dataStep({ ...frame(3), near, draft, optional: () => !needsData(draft) }),
    finetuneStep(frame(4), draft),
  ];
  return (await runSteps(steps)) ? draft : undefined;
}
