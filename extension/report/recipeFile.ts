import type { Say } from '../protocol/labels.ts';
import type { Recipe } from '../protocol/recipe.ts';
import { recipeText } from '../protocol/recipeFile.ts';
import { type Html, html } from './escape.ts';

/** The recipe as `--save-recipe` would write it beside the report, behind a line that opens. @param path of the report */
export function recipeDetails(recipe: Recipe, path: string, say: Say): Html {
  return html`<details><summary>${say('recipeFile')}</summary>
<pre>${recipeText(recipe, path)}</pre>
</details>`;
}

/** The same in a block of code; no line of JSON begins with a fence. */
export function recipeBlock(recipe: Recipe, path: string, say: Say): string {
  return `${say('recipeFile')}:\n\n\`\`\`json\n${recipeText(recipe, path)}\`\`\``;
}
