// Files that people write by hand: recipes, and descriptions of models.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDescription } from '../../extension/protocol/modelDescription.ts';
import { checkRecipe } from '../../extension/protocol/recipeChecks.ts';
import { parseRecipe } from '../../extension/protocol/recipeFile.ts';
import { UserError } from '../../extension/protocol/userError.ts';
import { damaged, damagedJson } from '../support/damage.ts';
import { goodDescriptions } from '../support/descriptionTable.ts';
import { seeded, wholeBelow } from '../support/random.ts';
import { edges, goodRecipes } from '../support/recipeTable.ts';

const count = 20_000;
const kinds = {
  recipes: {
    parse: (text: string, file: string) => checkRecipe(parseRecipe(text, file)),
    good: [edges, ...goodRecipes],
  },
  descriptions: { parse: parseDescription, good: goodDescriptions },
};

for (const [what, { parse, good }] of Object.entries(kinds)) {
  test(`${count} damaged ${what} are read or refused, never worse`, () => {
    let refused = 0;
    for (let seed = 1; seed <= count; seed++) {
      const next = seeded(seed);
      const text = JSON.stringify(good[wholeBelow(good.length, next)]);
      const bytes = wholeBelow(4, next) > 0 ? damagedJson(text, next) : damaged(Buffer.from(text), next);
      try {
        parse(bytes.toString(), '/models/m.json');
      } catch (error) {
        if (!(error instanceof UserError)) throw new Error(`seed ${seed}: ${bytes}`, { cause: error });
        refused++;
      }
    }
    assert.ok(refused > count / 4 && refused < count, `${refused}`);
  });
}
