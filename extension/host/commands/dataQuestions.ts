import * as vscode from 'vscode';
import type { DataOptions } from '../../protocol/recipe.ts';
import { messageOf } from '../../protocol/userError.ts';
import { ask, outcomeOf, pick, runSteps } from './multiStep.ts';
import { parseCount } from './numberInput.ts';

/**
 * Runs a job on data; where it fails only because the data can be read in more than one way, asks what is meant and runs it again.
 * Returns what the job returned and the data options that it succeeded with.
 */
export async function runClarified<D extends DataOptions | undefined, R>(
  title: string,
  data: D,
  job: (data: D) => Promise<R>,
): Promise<{ result: R; data: D }> {
  for (let options = data; ; ) {
    try {
      return { result: await job(options), data: options };
    } catch (error) {
      const clear = options && (await clarify(title, options, error));
      if (!clear) throw error;
      options = clear as D;
    }
  }
}

async function clarify(title: string, data: DataOptions, error: unknown): Promise<DataOptions | undefined> {
  const message = messageOf(error);
  switch (message.code) {
    case 'arraysAmbiguous':
    case 'arrayMissing':
      return askArrays(title, data, String(message.args.found ?? ''));
    case 'lossAmbiguous':
      return askLoss(title, data, ['binary_crossentropy', 'mean_squared_error']);
    case 'lossAmbiguousOneHot':
      return askLoss(title, data, ['categorical_crossentropy', 'mean_squared_error']);
    case 'windowNeeded':
      return askWindow(title, data);
    default:
      return undefined;
  }
}

async function askArrays(title: string, data: DataOptions, found: string): Promise<DataOptions | undefined> {
  const answer: DataOptions = { ...data };
  const question = (key: 'x' | 'y', prompt: string) => async (canGoBack: boolean) => {
    const check = (text: string) => (text === '' ? vscode.l10n.t('Type the name of an array') : undefined);
    const name = await ask({ title, canGoBack, prompt, value: answer[key], check });
    return outcomeOf(name, (text) => {
      answer[key] = text;
    });
  };
  const done = await runSteps([
    question('x', vscode.l10n.t('Which array holds the inputs? The file has: {found}', { found })),
    question('y', vscode.l10n.t('Which array holds the targets? The file has: {found}', { found })),
  ]);
  return done ? answer : undefined;
}

async function askLoss(
  title: string,
  data: DataOptions,
  losses: readonly string[],
): Promise<DataOptions | undefined> {
  const answer = await pick<string>({
    title,
    canGoBack: false,
    placeholder: vscode.l10n.t('The outputs are linear and the targets are 0 and 1: which loss is meant?'),
    items: losses.map((loss) => ({ label: loss, value: loss })),
  });
  return typeof answer === 'object' ? { ...data, loss: answer.value } : undefined;
}

async function askWindow(title: string, data: DataOptions): Promise<DataOptions | undefined> {
  const answer = await ask({
    title,
    canGoBack: false,
    prompt: vscode.l10n.t('The model takes sequences of any length. How many rows make a window?'),
    check: (text) =>
      parseCount(text) === undefined ? vscode.l10n.t('Type a whole number from 1 on') : undefined,
  });
  return typeof answer === 'object' ? { ...data, window: Number(answer.value) } : undefined;
}
