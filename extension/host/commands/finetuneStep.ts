import * as vscode from 'vscode';
import { optimizerNames } from '../../protocol/finetuneFacts.ts';
import { numbersFor } from '../../protocol/numbers.ts';
import type { Finetuning } from '../services/choices.ts';
import { translate } from '../services/showMessage.ts';
import type { DataDraft } from './dataChoice.ts';
import { type Detail, details } from './finetuneDetails.ts';
import { epochsText, patienceText } from './finetuneWords.ts';
import { type Choice, outcomeOf, pick, type Step, type StepFrame } from './multiStep.ts';
import { parseCount } from './numberInput.ts';

const presets = [5, 10, 20, 50];

type Draft = DataDraft & { finetune: Finetuning };
type Picked = { epochs: number } | Detail;
type Frame = Pick<StepFrame, 'title' | 'step' | 'totalSteps'>;

/** Asks for the epochs of fine-tuning, where there is data to train on; its other settings are behind items of the same list. */
export function finetuneStep(frame: Frame, draft: Draft): Step {
  return async (canGoBack) => {
    if (!draft.data) return 'passed';
    for (;;) {
      const answer = await askEpochs(frame, draft.finetune, canGoBack);
      const picked = typeof answer === 'object' ? answer.value : undefined;
      if (typeof picked !== 'string') {
        return outcomeOf(answer as Exclude<typeof answer, { value: Detail }>, (value) => {
          if (typeof value === 'object') draft.finetune = { ...draft.finetune, epochs: value.epochs };
        });
      }
      // Back and Escape lead from a detail to the list that it was chosen in.
      const changed = { ...draft.finetune };
      if ((await details[picked](frame, changed)) === 'next') draft.finetune = changed;
    }
  };
}

function askEpochs(frame: Frame, finetune: Finetuning, canGoBack: boolean) {
  const counts = [...new Set([...presets, finetune.epochs])]
    .filter((count) => count > 0)
    .sort((a, b) => a - b);
  const none: Choice<Picked> = {
    label: vscode.l10n.t('No fine-tuning'),
    description: vscode.l10n.t('prune and measure only'),
    value: { epochs: 0 },
  };
  const items = counts.map(epochsItem);
  const details: Choice<Picked>[] = [
    { label: vscode.l10n.t('Settings'), kind: vscode.QuickPickItemKind.Separator },
    {
      label: vscode.l10n.t('Optimizer: {name}', {
        name: finetune.optimizer ? optimizerNames[finetune.optimizer] : vscode.l10n.t('from the file'),
      }),
      iconPath: new vscode.ThemeIcon('settings'),
      value: 'optimizer',
    },
    {
      label:
        finetune.learningRate === undefined
          ? vscode.l10n.t("Learning rate: the file's own where its optimizer is used, else 0.001")
          : vscode.l10n.t('Learning rate: {rate}', { rate: numberOf(finetune.learningRate) }),
      iconPath: new vscode.ThemeIcon('settings'),
      value: 'learningRate',
    },
    {
      label:
        finetune.clipNorm === undefined
          ? vscode.l10n.t('Gradient clipping: off')
          : vscode.l10n.t('Gradient clipping: to a norm of {norm}', { norm: numberOf(finetune.clipNorm) }),
      iconPath: new vscode.ThemeIcon('settings'),
      value: 'clipNorm',
    },
    {
      label: patienceText(finetune.patience, translate),
      iconPath: new vscode.ThemeIcon('settings'),
      value: 'patience',
    },
  ];
  return pick<Picked>({
    ...frame,
    canGoBack,
    placeholder: vscode.l10n.t('How many epochs of fine-tuning, the masks held? Choose, or type a number'),
    items: [none, ...items, ...details],
    active: finetune.epochs === 0 ? none : items[counts.indexOf(finetune.epochs)],
    typed: (text) => {
      const epochs = text === '0' ? 0 : parseCount(text);
      if (epochs === 0) return none;
      return epochs === undefined
        ? { label: vscode.l10n.t('"{text}" is not a whole number of epochs', { text }) }
        : epochsItem(epochs);
    },
  });
}

function epochsItem(epochs: number): Choice<Picked> {
  return { label: epochsText(epochs, translate), value: { epochs } };
}

function numberOf(setting: number): string {
  return numbersFor(vscode.env.language).rate(setting);
}
