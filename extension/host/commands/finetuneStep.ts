import * as vscode from 'vscode';
import { optimizerNames } from '../../protocol/finetuneFacts.ts';
import { numbersFor } from '../../protocol/numbers.ts';
import { recoveryLabels, scheduleLabels } from '../../protocol/recipeFacts.ts';
import { type Choices, needsTraining } from '../services/choices.ts';
import { translate } from '../services/showMessage.ts';
import type { DataDraft } from './dataChoice.ts';
import { askDetail, type Detail } from './finetuneDetails.ts';
import { epochsText, patienceText } from './finetuneWords.ts';
import {
  type Choice,
  chooseAmongDetails,
  detailItem,
  detailsLine,
  pick,
  type Step,
  type StepFrame,
} from './multiStep.ts';
import { parseCount } from './numberInput.ts';
import { say } from './words.ts';

const presets = [5, 10, 20, 50];

type Draft = DataDraft & Choices;
type Epochs = { epochs: number };
type Picked = Epochs | Detail;
type Frame = Pick<StepFrame, 'title' | 'step' | 'totalSteps'>;

/** Asks for the epochs of fine-tuning, where there is data to train on; its other settings are behind items of the same list. */
export function finetuneStep(frame: Frame, draft: Draft): Step {
  return async (canGoBack) => {
    if (!draft.data) return 'passed';
    return chooseAmongDetails<Epochs, Detail>(
      () => askEpochs(frame, draft, canGoBack),
      (detail) => askDetail(detail, frame, draft),
      ({ epochs }) => {
        draft.finetune = { ...draft.finetune, epochs };
      },
    );
  };
}

function askEpochs(frame: Frame, draft: Draft, canGoBack: boolean) {
  const { finetune } = draft;
  const counts = [...new Set([...presets, finetune.epochs])]
    .filter((count) => count > 0)
    .sort((a, b) => a - b);
  const none: Choice<Picked> = {
    label: vscode.l10n.t('No fine-tuning'),
    description: vscode.l10n.t('prune and measure only'),
    value: { epochs: 0 },
  };
  const items = counts.map(epochsItem);
  const optional = !needsTraining(draft);
  const settings: Choice<Picked>[] = [
    detailsLine(),
    ...Object.entries(settingTexts(draft)).map(([detail, text]) => detailItem(text, detail as Detail)),
  ];
  return pick<Picked>({
    ...frame,
    canGoBack,
    placeholder: vscode.l10n.t('How many epochs of fine-tuning, the masks held? Choose, or type a number'),
    items: [...(optional ? [none] : []), ...items, ...settings],
    active: finetune.epochs > 0 ? items[counts.indexOf(finetune.epochs)] : optional ? none : items[0],
    typed: (text) => {
      const epochs = text === '0' ? 0 : parseCount(text);
      if (epochs === 0 && optional) return none;
      return !epochs
        ? { label: vscode.l10n.t('"{text}" is not a whole number of epochs', { text }) }
        : epochsItem(epochs);
    },
  });
}

/** How each setting is set. */
function settingTexts({ finetune, schedule, recovery, control }: Draft): Record<Detail, string> {
  return {
    schedule: vscode.l10n.t('Schedule: {name}', { name: say(scheduleLabels[schedule]) }),
    recovery: vscode.l10n.t('Recovery: {name}', { name: say(recoveryLabels[recovery]) }),
    optimizer: vscode.l10n.t('Optimizer: {name}', {
      name: finetune.optimizer ? optimizerNames[finetune.optimizer] : vscode.l10n.t('from the file'),
    }),
    learningRate:
      finetune.learningRate === undefined
        ? vscode.l10n.t("Learning rate: the file's own where its optimizer is used, else 0.001")
        : vscode.l10n.t('Learning rate: {rate}', { rate: numberOf(finetune.learningRate) }),
    clipNorm:
      finetune.clipNorm === undefined
        ? vscode.l10n.t('Gradient clipping: off')
        : vscode.l10n.t('Gradient clipping: to a norm of {norm}', { norm: numberOf(finetune.clipNorm) }),
    patience: patienceText(finetune.patience, translate),
    control: control
      ? vscode.l10n.t('Small dense model to compare with: trained from scratch')
      : vscode.l10n.t('Small dense model to compare with: none'),
  };
}

function epochsItem(epochs: number): Choice<Picked> {
  return { label: epochsText(epochs, translate), value: { epochs } };
}

function numberOf(setting: number): string {
  return numbersFor(vscode.env.language).rate(setting);
}
