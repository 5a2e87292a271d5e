import * as vscode from 'vscode';
import { optimizerNames } from '../../protocol/finetuneFacts.ts';
import { type OptimizerName, optimizers, recoveries } from '../../protocol/recipe.ts';
import { recoveryLabels, scheduleLabels } from '../../protocol/recipeFacts.ts';
import { recoveryTexts, scheduleTexts } from '../../protocol/recipeTexts.ts';
import { type Choices, type Finetuning, fittingSchedules } from '../services/choices.ts';
import { ask, type Choice, type Outcome, outcomeOf, pick, type StepFrame } from './multiStep.ts';
import { numberText, parseCount, parsePositive } from './numberInput.ts';
import { say } from './words.ts';

/** What can be set of fine-tuning beside its epochs. */
export type Detail = 'schedule' | 'recovery' | 'control' | TrainingDetail;
type TrainingDetail = 'optimizer' | 'learningRate' | 'clipNorm' | 'patience';

type Frame = Pick<StepFrame, 'title'>;

/** Asks for one thing, and stores it where it was answered; what is on or off is the other one without a question. */
export async function askDetail(detail: Detail, frame: Frame, draft: Choices): Promise<void> {
  if (detail === 'schedule' || detail === 'recovery') {
    await askNamed(detail, frame, draft);
    return;
  }
  if (detail === 'control') {
    draft.control = !draft.control;
    return;
  }
  const changed = { ...draft.finetune };
  if ((await trainingDetails[detail](frame, changed)) === 'next') draft.finetune = changed;
}

async function askNamed(key: 'schedule' | 'recovery', { title }: Frame, draft: Choices): Promise<void> {
  const [names, placeholder] =
    key === 'schedule'
      ? [scheduleItems(draft), vscode.l10n.t('When do the weights go?')]
      : [recoveryItems(), vscode.l10n.t('What are the outputs trained to be?')];
  const items = names.map(({ name, text, ...item }) => ({
    ...item,
    detail: vscode.l10n.t(text),
    value: name,
  }));
  const active = items.find(({ value }) => value === draft[key]);
  const answer = await pick<string>({ title, canGoBack: true, placeholder, items, active });
  outcomeOf(answer, (name) => Object.assign(draft, { [key]: name }));
}

function scheduleItems(draft: Choices) {
  return fittingSchedules(draft).map((name) => ({
    name,
    label: say(scheduleLabels[name]),
    text: scheduleTexts[name],
  }));
}

function recoveryItems() {
  return recoveries.map((name) => ({
    name,
    label: say(recoveryLabels[name]),
    text: recoveryTexts[name],
  }));
}

const trainingDetails: Record<TrainingDetail, (frame: Frame, finetune: Finetuning) => Promise<Outcome>> = {
  optimizer: async ({ title }, finetune) => {
    const items: Choice<OptimizerName | 'file'>[] = [
      {
        label: vscode.l10n.t('From the file'),
        description: vscode.l10n.t('Adam where the file names none'),
        value: 'file',
      },
      ...optimizers.map((value) => ({ label: optimizerNames[value], value })),
    ];
    const answer = await pick<OptimizerName | 'file'>({
      title,
      canGoBack: true,
      placeholder: vscode.l10n.t('The optimizer of fine-tuning'),
      items,
      active: items.find(({ value }) => value === (finetune.optimizer ?? 'file')),
    });
    return outcomeOf(answer, (value) => {
      if (value === 'file') delete finetune.optimizer;
      else finetune.optimizer = value;
    });
  },
  learningRate: (frame, finetune) =>
    askPositive(frame, finetune, 'learningRate', {
      prompt: vscode.l10n.t(
        "Learning rate; leave it empty for the file's own where its optimizer is used, else 0.001",
      ),
      wrong: vscode.l10n.t('Type a number above 0, such as 0.001, or nothing'),
    }),
  clipNorm: (frame, finetune) =>
    askPositive(frame, finetune, 'clipNorm', {
      prompt: vscode.l10n.t('Norm to which larger gradients are scaled down; leave it empty to clip none'),
      wrong: vscode.l10n.t('Type a number above 0, such as 1, or nothing'),
    }),
  patience: async ({ title }, finetune) => {
    const answer = await ask({
      title,
      canGoBack: true,
      prompt: vscode.l10n.t(
        'Epochs without a lower validation loss, after which training stops and the best epoch is taken; 0: never',
      ),
      value: String(finetune.patience),
      check: (text) =>
        text !== '0' && parseCount(text) === undefined
          ? vscode.l10n.t('Type a whole number from 0 on')
          : undefined,
    });
    return outcomeOf(answer, (text) => {
      finetune.patience = Number(text);
    });
  },
};

/** Asks for a number that may be left out. */
async function askPositive(
  { title }: Frame,
  finetune: Finetuning,
  key: 'learningRate' | 'clipNorm',
  { prompt, wrong }: { readonly prompt: string; readonly wrong: string },
): Promise<Outcome> {
  const present = finetune[key];
  const answer = await ask({
    title,
    canGoBack: true,
    prompt,
    value: present === undefined ? '' : numberText(present, vscode.env.language),
    check: (text) => (text !== '' && parsePositive(text) === undefined ? wrong : undefined),
  });
  return outcomeOf(answer, (text) => {
    const number = parsePositive(text);
    if (number === undefined) delete finetune[key];
    else finetune[key] = number;
  });
}
