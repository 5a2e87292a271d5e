import type * as vscode from 'vscode';
import type { CriterionName, DataOptions, ScopeName } from '../../protocol/recipe.ts';

/** What was chosen last time in this workspace. */
export interface Choices {
  criterion: CriterionName;
  /** 0…1 */
  sparsity: number;
  k: number;
  scope: ScopeName;
  /** Absent: no data. */
  data?: DataOptions;
}

const key = 'lstmPruner.choices';
const defaults: Choices = { criterion: 'magnitude', sparsity: 0.8, k: 0.5, scope: 'layer' };

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
