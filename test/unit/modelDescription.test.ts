import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fill } from '../../extension/protocol/labels.ts';
import {
  descriptionFiles,
  descriptionLine,
  descriptionText,
  parseDescription,
} from '../../extension/protocol/modelDescription.ts';
import { word } from '../../extension/protocol/wording.ts';
import { goodDescriptions, wrongDescriptions } from '../support/descriptionTable.ts';
import { messageFrom } from '../support/throwsCode.ts';

describe('a description of a model', () => {
  test('is sought beside the model, then beside what it was pruned from', () => {
    assert.deepEqual(descriptionFiles('/d/m.pruned.pruned-2'), [
      '/d/m.pruned.pruned-2.lstmprune-model.json',
      '/d/m.pruned.lstmprune-model.json',
      '/d/m.lstmprune-model.json',
    ]);
    assert.deepEqual(descriptionFiles('/d/pruned'), ['/d/pruned.lstmprune-model.json']);
  });

  for (const description of goodDescriptions) {
    const text = JSON.stringify(description);
    test(`${text} is written as it was read`, () => {
      const { $schema: _, ...rest } = description;
      const layers = parseDescription(text, 'f');
      assert.deepEqual(JSON.parse(descriptionText(layers)), rest);
      assert.deepEqual(JSON.parse(descriptionLine(layers)), rest);
    });
  }

  test('is a line a layer as a file, and a single one in a sentence', () => {
    const layers = parseDescription('{"layers":[{"lstm":"rnn","dropout":0.5},"last",{"linear":"fc"}]}', 'f');
    assert.equal(
      descriptionText(layers),
      '{\n  "layers": [\n    { "lstm": "rnn", "dropout": 0.5 },\n    "last",\n    { "linear": "fc" }\n  ]\n}\n',
    );
    assert.equal(
      descriptionLine(layers),
      '{ "layers": [{ "lstm": "rnn", "dropout": 0.5 }, "last", { "linear": "fc" }] }',
    );
  });

  for (const [description, ...parts] of wrongDescriptions) {
    const text = typeof description === 'string' ? description : JSON.stringify(description);
    test(`${text} is refused: ${parts.join(' … ')}`, async () => {
      const message = await messageFrom(() => parseDescription(text, 'm.json'));
      assert.equal(message.code, 'descriptionInvalid');
      const sentence = word(message, fill);
      for (const part of ['m.json', ...parts]) assert.ok(sentence.includes(part), sentence);
    });
  }
});
