import * as vscode from 'vscode';
import { compressibleEndings } from '../../protocol/modelEndings.ts';
import type { DataOptions, Recipe } from '../../protocol/recipe.ts';
import {
  type Choices,
  dataFor,
  finetuneFor,
  pruningFor,
  type RememberedChoices,
  withUsed,
} from '../services/choices.ts';
import { hasEnding } from '../services/fileKinds.ts';

/** What a prune is told, model by model: by answers to questions, or by a file. */
export interface PruneSettings {
  dataFor(model: vscode.Uri): DataOptions | undefined;
  recipeFor(model: vscode.Uri, data: DataOptions | undefined): Recipe;
  /** A job on the model has succeeded with these data options, which are not what was given: questions were answered. */
  used(model: vscode.Uri, data: DataOptions): Promise<void>;
  /** A job has failed; shows what in the settings is to blame, where that can be told. */
  failed?(error: unknown): Promise<void>;
}

/** What was chosen in the questions; answers to further ones are remembered with it. */
export class ChosenSettings implements PruneSettings {
  readonly #remembered: RememberedChoices;
  #choices: Choices;

  constructor(choices: Choices, remembered: RememberedChoices) {
    this.#choices = choices;
    this.#remembered = remembered;
  }

  dataFor({ fsPath }: vscode.Uri): DataOptions | undefined {
    return dataFor(this.#choices, fsPath);
  }

  recipeFor(model: vscode.Uri, data: DataOptions | undefined): Recipe {
    return {
      ...data,
      ...pruningFor(this.#choices),
      ...finetuneFor(this.#choices, data),
      ...compressionFor(model),
    };
  }

  async used({ fsPath }: vscode.Uri, data: DataOptions): Promise<void> {
    this.#choices = withUsed(this.#choices, fsPath, data);
    await this.#remembered.set(this.#choices);
  }
}

/** What the setting of compression adds to a recipe for a model whose format can store compressed weights. */
export function compressionFor(model: vscode.Uri): Recipe {
  if (!hasEnding(model, compressibleEndings)) return {};
  const compress = vscode.workspace.getConfiguration('lstmPruner', model).get('compress') === true;
  return compress ? { compress } : {};
}
