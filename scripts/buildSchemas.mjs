import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fill } from '../extension/protocol/labels.ts';
import { recipeSchema } from '../extension/protocol/recipeSchema.ts';

/**
 * Writes the schema of recipe files in every language that there is: dist/schemas/recipe.json and dist/schemas/recipe.LANGUAGE.json, one of which
 * package.nls.*.json names. Completion shows what schemas say, and VS Code translates no schema by itself.
 */
export async function buildSchemas() {
  await mkdir('dist/schemas', { recursive: true });
  for (const name of await readdir('l10n')) {
    const [, language] = /^bundle\.l10n(\..+)?\.json$/.exec(name) ?? [];
    const bundle = JSON.parse(await readFile(join('l10n', name), 'utf8'));
    const schema = recipeSchema((template, args) => fill(bundle[template] ?? template, args));
    await writeFile(`dist/schemas/recipe${language ?? ''}.json`, JSON.stringify(schema));
  }
}
