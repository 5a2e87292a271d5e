import type * as vscode from 'vscode';
import { type AutoOptions, defaultEpochs } from '../../protocol/auto.ts';
import {
  criterionNeeds,
  granularitiesOf,
  schedulesFor,
  schedulesOf,
  scopesOf,
} from '../../protocol/compatibility.ts';
import type {
  CriterionName,
  DataOptions,
  FinetuneOptions,
  GranularityName,
  Recipe,
  RecoveryName,
  ScheduleName,
  ScopeName,
} from '../../protocol/recipe.ts';
import { type BudgetKey, keyRules } from '../../protocol/recipeRules.ts';

/** How a pruned model is trained further. What is absent is as the model's file says. */
export interface Finetuning extends Pick<FinetuneOptions, 'optimizer' | 'learningRate' | 'clipNorm'> {
  /** 0: not at all. */
  epochs: number;
  /** 0: training does not stop early. */
  patience: number;
}

/** How the smallest model is searched for; without a time, as many trials as is usual. */
export type Searching = Pick<AutoOptions, 'maxLossIncrease' | 'timeBudget'> & { epochs: number };

/** What was chosen last time in this workspace. */
export interface Choices {
  criterion: CriterionName;
  /** 0…1 */
  sparsity: number;
  /** Instead of the sparsity. */
  budget?: { key: BudgetKey; most: number };
  k: number;
  granularity: GranularityName;
  /** Sizes of the granularities that have some. */
  block: string;
  pattern: string;
  bank: number;
  /** Units that are pruned leave the file. */
  shrink: boolean;
  scope: ScopeName;
  /** Absent: no data. Without a loss: that belongs to a model, not to the data. */
  data?: DataOptions;
  /** The loss that was asked for last, and the model and data file that it was asked for. */
  lossOf?: { model: string; source: string | undefined; loss: string };
  finetune: Finetuning;
  schedule: ScheduleName;
  recovery: RecoveryName;
  /** A small dense model is trained beside the pruned one. */
  control: boolean;
  search: Searching;
}

const key = 'lstmPruner.choices';
export const defaultChoices: Choices = {
  criterion: 'magnitude',
  sparsity: 0.8,
  k: 0.5,
  granularity: 'weight',
  block: '4x4',
  pattern: '2:4',
  bank: 32,
  shrink: true,
  scope: 'layer',
  finetune: { epochs: 10, patience: 3 },
  schedule: 'oneshot',
  recovery: 'supervised',
  control: false,
  search: { maxLossIncrease: '2%', timeBudget: '15m', epochs: defaultEpochs },
};

/** Remembers choices in the workspace's state. */
export class RememberedChoices {
  readonly #state: vscode.Memento;

  constructor(state: vscode.Memento) {
    this.#state = state;
  }

  get(): Choices {
    return { ...defaultChoices, ...this.#state.get<Partial<Choices>>(key) };
  }

  async set(choices: Choices): Promise<void> {
    await this.#state.update(key, choices);
  }
}

/** The data options for a model, with the loss where it was asked for this very model on this data. */
export function dataFor({ data, lossOf }: Choices, model: string): DataOptions | undefined {
  if (!data || lossOf?.model !== model || lossOf.source !== sourceOf(data)) return data;
  return { ...data, loss: lossOf.loss };
}

/** The choices with the data options that a job on a model has succeeded with. */
export function withUsed(choices: Choices, model: string, used: DataOptions): Choices {
  const { loss, ...data } = used;
  return { ...choices, data, ...(loss !== undefined && { lossOf: { model, source: sourceOf(used), loss } }) };
}

/** Chooses a criterion or a granularity, and changes what no longer goes with it to the first that does. */
export function fitted(choices: Choices, chosen: Partial<Pick<Choices, 'criterion' | 'granularity'>>): void {
  Object.assign(choices, chosen);
  const granularities = granularitiesOf[choices.criterion];
  if (!granularities.includes(choices.granularity)) choices.granularity = granularities[0];
  const [schedule] = fittingSchedules(choices);
  if (!fittingSchedules(choices).includes(choices.schedule)) choices.schedule = schedule;
}

/** The schedules by which what was chosen can be pruned. */
export function fittingSchedules({ criterion, granularity }: Choices): ScheduleName[] {
  return schedulesOf[criterion].filter((schedule) => schedulesFor[granularity].includes(schedule));
}

/** What a recipe says of what is pruned; only keys that have a meaning there. */
export function pruningFor(choices: Choices): Recipe {
  const { criterion, granularity, scope, shrink } = choices;
  const scopes = scopesOf[granularity];
  return {
    criterion,
    granularity,
    ...sizeOf(choices),
    ...targetOf(choices),
    ...(scopes.length > 0 && { scope: scopes.includes(scope) ? scope : scopes[0] }),
    ...(granularity === 'unit' && shrink && { shrink }),
  };
}

function sizeOf({ granularity, block, pattern, bank }: Choices): Recipe {
  if (granularity === 'block') return { block };
  if (granularity === 'n:m') return { pattern };
  return granularity === 'bank' ? { bank } : {};
}

function targetOf(choices: Choices): Recipe {
  const { criterion, granularity, sparsity, budget, k } = choices;
  if (criterion === 'threshold') return { k };
  if (granularity === 'n:m') return {};
  return budget && takesBudget(choices) ? { [budget.key]: budget.most } : { sparsity };
}

/** Whether what may remain can stand in place of a share. */
export function takesBudget({ granularity }: Pick<Choices, 'granularity'>): boolean {
  return keyRules.every(
    ({ keys, other, values }) =>
      other !== 'granularity' || !keys.includes('maxBytes') || values.includes(granularity),
  );
}

/** What a recipe says of fine-tuning, which needs data and epochs to have an effect. */
export function finetuneFor(choices: Choices, data: DataOptions | undefined): Recipe {
  const { finetune, schedule, recovery, control } = choices;
  const { patience, ...chosen } = finetune;
  if (!data || chosen.epochs === 0) return {};
  return {
    ...chosen,
    ...(patience > 0 && { patience }),
    ...(schedule !== 'oneshot' && { schedule }),
    ...(recovery !== 'supervised' && { recovery }),
    ...(control && { control }),
  };
}

/** Whether what was chosen cannot do without data. */
export function needsData({ criterion }: Pick<Choices, 'criterion'>): boolean {
  return criterionNeeds[criterion] !== 'weights';
}

/** Whether it cannot do without fine-tuning. */
export function needsTraining({ criterion }: Pick<Choices, 'criterion'>): boolean {
  return criterionNeeds[criterion] === 'training';
}

/** The file that was chosen: the data file, or the inputs where those are a .npy. */
export function sourceOf({ data, x }: DataOptions): string | undefined {
  return data ?? x;
}
