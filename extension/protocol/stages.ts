import type { JobProgress } from './requests.ts';

/** What each stage of a job is called while it runs. The English sentence is the key of the translation in l10n/. */
export const stageTexts: Record<JobProgress['stage'], string> = {
  open: 'Reading the model…',
  evaluateBefore: 'Measuring the loss before…',
  evidence: 'Looking at the data…',
  prune: 'Pruning…',
  evaluatePruned: 'Measuring the loss of the pruned model…',
  finetune: 'Fine-tuning…',
  write: 'Writing…',
  verify: 'Checking what was written…',
  evaluateAfter: 'Measuring the loss after…',
  control: 'Training a small dense model to compare with…',
  evaluate: 'Measuring the loss…',
  sensitivity: 'Measuring what each gate costs…',
  findings: 'Looking at units and gates…',
};
