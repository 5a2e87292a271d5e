import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { descriptionSchema } from '../extension/protocol/descriptionSchema.ts';
import { fill } from '../extension/protocol/labels.ts';
import { recipeSchema } from '../extension/protocol/recipeSchema.ts';

/**
 * Writes the schemas of recipe files and of descriptions of models in every language that there is: dist/schemas/recipe.json and
 * dist/schemas/recipe.LANGUAGE.json, one of which package.nls.*.json names, and description.json likewise. Completion shows what schemas
 * say, and VS Code translates no schema by itself.
 */
export async function buildSchemas() {
  await mkdir('dist/schemas', { recursive: true });
  for (const name of await readdir('l10n')) {
    const [, language] = /^bundle\.l10n(\..+)?\.json$/.exec(name) ?? [];
    const bundle = JSON.parse(await readFile(join('l10n', name), 'utf8'));
    for (const [kind, schemaOf] of Object.entries({ recipe: recipeSchema, description: descriptionSchema })) {
      const schema = schemaOf((template, args) => fill(bundle[template] ?? template, args));
      await writeFile(`dist/schemas/${kind}${language ?? ''}.json`, JSON.stringify(schema));
    }
  }
}
