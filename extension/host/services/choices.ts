import type * as vscode from 'vscode';
import type { CriterionName, DataOptions, FinetuneOptions, ScopeName } from '../../protocol/recipe.ts';

/** How a pruned model is trained further. What is absent is as the model's file says. */
export interface Finetuning extends Pick<FinetuneOptions, 'optimizer' | 'learningRate' | 'clipNorm'> {
  /** 0: not at all. */
  epochs: number;
  /** 0: training does not stop early. */
  patience: number;
}

/** What was chosen last time in this workspace. */
export interface Choices {
  criterion: CriterionName;
  /** 0…1 */
  sparsity: number;
  k: number;
  scope: ScopeName;
  /** Absent: no data. Without a loss: that belongs to a model, not to the data. */
  data?: DataOptions;
  /** The loss that was asked for last, and the model and data file that it was asked for. */
  lossOf?: { model: string; source: string | undefined; loss: string };
  finetune: Finetuning;
}

const key = 'lstmPruner.choices';
const defaults: Choices = {
  criterion: 'magnitude',
  sparsity: 0.8,
  k: 0.5,
  scope: 'layer',
  finetune: { epochs: 10, patience: 3 },
};

/** Remembers choices in the workspace's state. */
export class RememberedChoices {
  readonly #state: vscode.Memento;

  constructor(state: vscode.Memento) {
    this.#state = state;
  }

  get(): Choices {
    return { ...defaults, ...this.#state.get<Partial<Choices>>(key) };
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

/** What a recipe says of fine-tuning, which needs data and epochs to have an effect. */
export function finetuneFor({ finetune }: Choices, data: DataOptions | undefined): FinetuneOptions {
  const { patience, ...chosen } = finetune;
  if (!data || chosen.epochs === 0) return {};
  return { ...chosen, ...(patience > 0 && { patience }) };
}

/** The file that was chosen: the data file, or the inputs where those are a .npy. */
export function sourceOf({ data, x }: DataOptions): string | undefined {
  return data ?? x;
}
