import { gateLabels, labels } from './labels.ts';
import { lossNames } from './losses.ts';
import type { Recipe } from './recipe.ts';
import { checks } from './recipeChecks.ts';
import {
  aboutTraining,
  absentKeys,
  alternatives,
  combinations,
  companionRules,
  keyRules,
} from './recipeRules.ts';
import {
  criterionTexts,
  granularityTexts,
  keyTexts,
  matchTexts,
  recoveryTexts,
  rewindTexts,
  ruleTexts,
  scheduleTexts,
  scopeTexts,
} from './recipeTexts.ts';
import { type JsonSchema, onOrOff, share } from './valueChecks.ts';
import type { Translate } from './wording.ts';

/** What the values of a key mean, where they have names of their own. */
const valueTexts: Partial<Record<keyof Recipe, Readonly<Record<string, string>>>> = {
  criterion: criterionTexts,
  granularity: granularityTexts,
  scope: scopeTexts,
  schedule: scheduleTexts,
  rewind: rewindTexts,
  recovery: recoveryTexts,
  match: matchTexts,
};

/** What a key's values look like, beside what `checks` says. */
const ownSchemas: Partial<Record<keyof Recipe, JsonSchema>> = {
  loss: { examples: lossNames },
};

/**
 * The JSON schema of recipe files (draft 7, with VS Code's `enumDescriptions` and `errorMessage`), worded by a translator. It says what
 * `checkRecipe` says, but for what a schema cannot: names of losses, N < M of a pattern, a ramp that begins above its target. That data is
 * missing is no fault of a file, since flags or the editor may add it.
 */
export function recipeSchema(t: Translate): JsonSchema {
  const described = (key: keyof Recipe, schema: JsonSchema): JsonSchema => {
    const text = keyTexts[key];
    return { ...schema, ...ownSchemas[key], description: t(text, {}), ...enumTexts(key, t) };
  };
  const values = Object.entries(checks).map(([key, { schema }]) => [
    key,
    described(key as keyof typeof checks, schema),
  ]);
  const gates = Object.entries(gateLabels).map(([gate, label]) => [
    gate,
    { ...share.schema, description: t(labels[label], {}) },
  ]);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: {
      $schema: { type: 'string', doNotSuggest: true },
      ...Object.fromEntries(values),
      gates: described('gates', {
        type: 'object',
        properties: Object.fromEntries(gates),
        additionalProperties: false,
      }),
      targets: described('targets', { type: 'object', additionalProperties: share.schema }),
    },
    additionalProperties: false,
    allOf: [
      ...combinedChoices(),
      ...keysInPlace(t),
      ...onlyOneOf(t),
      ...companions(t),
      trainingNeedsEpochs(t),
    ],
  };
}

function enumTexts(key: keyof Recipe, t: Translate): JsonSchema {
  const texts = valueTexts[key];
  return texts ? { enumDescriptions: Object.values(texts).map((text) => t(text, {})) } : {};
}

/** Where a value of one key leaves only some of another's. */
function combinedChoices(): JsonSchema[] {
  return combinations.flatMap(({ key, other, choices }) =>
    Object.entries(choices)
      .filter(([, left]) => left.length > 0 && left.length < choicesOf(key).length)
      .map(([value, left]) => where(among(other, [value]), among(key, left))),
  );
}

function keysInPlace(t: Translate): JsonSchema[] {
  return keyRules.map(({ keys, other, values }) => ({
    if: among(other, values),
    else: refused(keys, placeOf(other, values, t)),
  }));
}

/** Whichever says it shorter: where the keys belong, or where they do not. */
function placeOf(other: keyof typeof checks, values: readonly string[], t: Translate): string {
  const left = choicesOf(other).filter((value) => !values.includes(value));
  const [text, listed] =
    values.length <= left.length ? [ruleTexts.onlyWith, values] : [ruleTexts.notWith, left];
  return t(text, { key: other, values: listed.join(', ') });
}

function onlyOneOf(t: Translate): JsonSchema[] {
  const text = ruleTexts.onlyOne;
  return alternatives.flatMap((keys) =>
    keys.slice(1).map((key, at) => {
      const before = { anyOf: keys.slice(0, at + 1).map((other) => ({ required: [other] })) };
      return where(before, refused([key], t(text, { keys: keys.join(', ') })));
    }),
  );
}

function companions(t: Translate): JsonSchema[] {
  const text = ruleTexts.onlyBeside;
  return companionRules.map(({ key, needs, other, value }) => ({
    if: { anyOf: [{ required: [needs] }, { not: among(other, [value]) }] },
    else: refused([key], t(text, { key: needs })),
  }));
}

function trainingNeedsEpochs(t: Translate): JsonSchema {
  const text = ruleTexts.needsEpochs;
  const atOnce = { enum: [absentKeys.schedule], errorMessage: t(text, {}) };
  return {
    if: { properties: { epochs: { minimum: 1 } }, required: ['epochs'] },
    else: {
      allOf: [refused(aboutTraining, t(text, {})), { properties: { schedule: atOnce } }],
    },
  };
}

/** None of the keys may be there; a switch may, where it is off and says nothing. */
function refused(keys: readonly (keyof Recipe)[], errorMessage: string): JsonSchema {
  const properties = keys.map((key) => [
    key,
    (checks as Record<string, unknown>)[key] === onOrOff && key !== 'resume'
      ? { enum: [false], errorMessage }
      : false,
  ]);
  return { properties: Object.fromEntries(properties), errorMessage };
}

/** A key has one of the values; where it is not given, what it counts as is one of them. */
function among(key: string, values: readonly string[]): JsonSchema {
  const absent = (absentKeys as Partial<Record<string, string>>)[key];
  const needed = absent !== undefined && !values.includes(absent);
  return { properties: { [key]: { enum: values } }, ...(needed && { required: [key] }) };
}

/** What holds where a condition does; `then` would make promises of the parts. */
function where(condition: JsonSchema, schema: JsonSchema): JsonSchema {
  return { if: { not: condition }, else: schema };
}

function choicesOf(key: keyof typeof checks): readonly string[] {
  return checks[key].schema.enum as readonly string[];
}
