import type * as vscode from 'vscode';
import { criterionNeeds } from '../../protocol/compatibility.ts';
import type { DataOptions, Recipe } from '../../protocol/recipe.ts';
import { checkRecipe } from '../../protocol/recipeChecks.ts';
import { aboutData, absentKeys } from '../../protocol/recipeRules.ts';
import { showFault } from '../services/recipeDocument.ts';
import { compressionFor, type PruneSettings } from './settingsOfPrune.ts';

/** What a recipe file says, with the data that it may leave open. */
export class RecipeSettings implements PruneSettings {
  readonly #file: vscode.Uri;
  #recipe: Recipe;

  /** Throws UserError where the recipe is wrong whatever the model is. */
  constructor(file: vscode.Uri, recipe: Recipe) {
    this.#file = file;
    this.#recipe = recipe;
    // What data is asked for later does not matter yet.
    checkRecipe(this.lacksData ? { ...recipe, data: '' } : recipe);
  }

  /** Whether it measures, trains or judges by data, and names none. */
  get lacksData(): boolean {
    const { data, x, criterion = absentKeys.criterion } = this.#recipe;
    const isFile = x !== undefined && /\.npy$/i.test(x);
    if (data !== undefined || isFile) return false;
    return (
      criterionNeeds[criterion] !== 'weights' || aboutData.some((key) => this.#recipe[key] !== undefined)
    );
  }

  giveData(data: DataOptions): void {
    this.#recipe = { ...data, ...this.#recipe };
  }

  dataFor(): DataOptions | undefined {
    const { data, x } = this.#recipe;
    return data === undefined && x === undefined ? undefined : this.#recipe;
  }

  recipeFor(model: vscode.Uri, data: DataOptions | undefined): Recipe {
    return { ...compressionFor(model), ...this.#recipe, ...data };
  }

  /** Names of arrays hold for the next model too; a loss belongs to this one. */
  async used(_model: vscode.Uri, { loss: _, ...data }: DataOptions): Promise<void> {
    this.giveData(data);
  }

  failed(error: unknown): Promise<void> {
    return showFault(this.#file, error);
  }
}
