import {
  describedKindTexts,
  describedOptionTexts,
  describedWordTexts,
  descriptionKeyTexts,
} from './descriptionTexts.ts';
import { describedKinds, describedWords, moduleOptions, plainLayers } from './modelDescription.ts';
import { type JsonSchema, text, type ValueCheck } from './valueChecks.ts';
import type { Translate } from './wording.ts';

/** The JSON schema of `*.lstmprune-model.json`, worded by a translator. It says what `parseDescription` says. */
export function descriptionSchema(t: Translate): JsonSchema {
  const say = (text: string): JsonSchema => ({ description: t(text, {}) });
  const options = (checks: Readonly<Record<string, ValueCheck>>) =>
    Object.fromEntries(
      Object.entries(checks).map(([key, { schema }]) => {
        const text = key === 'padding' && 'stride' in checks ? 'windowPadding' : key;
        return [key, { ...schema, ...say(describedOptionTexts[text as keyof typeof describedOptionTexts]) }];
      }),
    );
  const layer = (key: string, properties: JsonSchema): JsonSchema => ({
    type: 'object',
    properties,
    required: [key],
    additionalProperties: false,
  });
  const words = {
    type: 'string',
    enum: describedWords,
    enumDescriptions: describedWords.map((word) => {
      const text = describedWordTexts[word];
      return t(text, {});
    }),
  };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: {
      $schema: { type: 'string', doNotSuggest: true },
      layers: {
        type: 'array',
        minItems: 1,
        ...say(descriptionKeyTexts.layers),
        items: {
          anyOf: [
            words,
            ...describedKinds.map((kind) =>
              layer(kind, {
                [kind]: { ...text.schema, ...say(describedKindTexts[kind]) },
                ...options(moduleOptions[kind]),
              }),
            ),
            ...Object.entries(plainLayers).map(([key, checks]) => layer(key, options(checks))),
          ],
        },
      },
    },
    required: ['layers'],
    additionalProperties: false,
  };
}
