import * as vscode from 'vscode';

/** What a step of a dialog ended with: a value, the back button, or nothing when it was dismissed. */
export type Answer<T> = { readonly value: T } | 'back' | undefined;

export interface StepFrame {
  readonly title: string;
  readonly step?: number;
  readonly totalSteps?: number;
  readonly canGoBack: boolean;
}

/** What a step reports: go on, go back, passed over (nothing to ask), or dismissed. */
export type Outcome = 'next' | 'back' | 'passed' | 'dismissed';
export type Step = (canGoBack: boolean) => Promise<Outcome>;

/**
 * Runs the steps with a back button from the second on, and on the first where it leads back to what they were called from. False when
 * the dialog was dismissed or left that way.
 */
export async function runSteps(steps: readonly Step[], { backFromFirst = false } = {}): Promise<boolean> {
  let at = 0;
  let direction = 1;
  while (at < steps.length) {
    const outcome = await steps[at](at > 0 || backFromFirst);
    if (outcome === 'dismissed' || (outcome === 'back' && at === 0)) return false;
    if (outcome !== 'passed') direction = outcome === 'back' ? -1 : 1;
    at = Math.max(0, at + direction);
  }
  return true;
}

/** Stores the answer and says where to go. */
export function outcomeOf<T>(answer: Answer<T>, store: (value: T) => void): Outcome {
  if (answer === undefined) return 'dismissed';
  if (answer === 'back') return 'back';
  store(answer.value);
  return 'next';
}

/**
 * Asks until something is chosen that is no detail. A detail has a question of its own; whatever that ends with leads back to the list
 * that it was chosen in.
 */
export async function chooseAmongDetails<T extends object, Detail extends string>(
  ask: () => Promise<Answer<T | Detail>>,
  askDetail: (detail: Detail) => Promise<unknown>,
  store: (value: T) => void,
): Promise<Outcome> {
  for (;;) {
    const answer = await ask();
    if (typeof answer !== 'object') return outcomeOf(answer, store);
    const { value } = answer;
    if (typeof value !== 'string') return outcomeOf({ value }, store);
    await askDetail(value);
  }
}

/** An item that leads to a detail, and says how it is set. */
export function detailItem<Detail extends string>(label: string, value: Detail): Choice<Detail> {
  return { label, iconPath: new vscode.ThemeIcon('settings'), value };
}

/** The line above such items. */
export function detailsLine(): Choice<never> {
  return { label: vscode.l10n.t('Settings'), kind: vscode.QuickPickItemKind.Separator };
}

export interface Choice<T> extends vscode.QuickPickItem {
  /** Absent: the item only says something and cannot be chosen. */
  readonly value?: T;
}

export interface PickOptions<T> extends StepFrame {
  readonly placeholder: string;
  readonly items: readonly Choice<T>[];
  readonly active?: Choice<T> | undefined;
  /** An item for what was typed, shown first. */
  readonly typed?: (text: string) => Choice<T> | undefined;
}

/** Asks for one of several items. */
export function pick<T>(options: PickOptions<T>): Promise<Answer<T>> {
  const input = vscode.window.createQuickPick<Choice<T>>();
  frame(input, options);
  input.placeholder = options.placeholder;
  input.matchOnDescription = true;
  input.items = options.items;
  if (options.active) input.activeItems = [options.active];
  const { typed } = options;
  if (typed) {
    input.onDidChangeValue((text) => {
      const item = text.trim() === '' ? undefined : typed(text.trim());
      input.items = item ? [{ ...item, alwaysShow: true }, ...options.items] : options.items;
    });
  }
  return answerOf<T>(input, (resolve) => {
    input.onDidAccept(() => {
      const [item] = input.selectedItems;
      if (item?.value !== undefined) resolve({ value: item.value });
    });
  });
}

export interface AskOptions extends StepFrame {
  readonly prompt: string;
  readonly value?: string | undefined;
  readonly placeholder?: string;
  /** A sentence on what is wrong with the text, or undefined where it is fine. */
  readonly check: (text: string) => string | undefined;
}

/** Asks for a line of text. */
export function ask(options: AskOptions): Promise<Answer<string>> {
  const input = vscode.window.createInputBox();
  frame(input, options);
  input.prompt = options.prompt;
  input.value = options.value ?? '';
  if (options.placeholder) input.placeholder = options.placeholder;
  input.onDidChangeValue((text) => {
    input.validationMessage = text.trim() === '' ? undefined : options.check(text.trim());
  });
  return answerOf<string>(input, (resolve) => {
    input.onDidAccept(() => {
      const text = input.value.trim();
      input.validationMessage = options.check(text);
      if (input.validationMessage === undefined) resolve({ value: text });
    });
  });
}

function frame(input: vscode.QuickInput, { title, step, totalSteps, canGoBack }: StepFrame): void {
  input.title = title;
  input.step = step;
  input.totalSteps = totalSteps;
  input.ignoreFocusOut = true;
  if ('buttons' in input && canGoBack) {
    (input as vscode.InputBox).buttons = [vscode.QuickInputButtons.Back];
  }
}

type QuickDialog = Pick<vscode.InputBox, 'onDidTriggerButton' | 'onDidHide' | 'show' | 'dispose'>;

function answerOf<T>(
  input: QuickDialog,
  listen: (resolve: (answer: Answer<T>) => void) => void,
): Promise<Answer<T>> {
  return new Promise<Answer<T>>((resolve) => {
    listen(resolve);
    input.onDidTriggerButton((button) => button === vscode.QuickInputButtons.Back && resolve('back'));
    input.onDidHide(() => resolve(undefined));
    input.show();
  }).finally(() => input.dispose());
}
