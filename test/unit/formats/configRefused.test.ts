import { test } from 'node:test';
import { parseModelConfig } from '../../../extension/formats/keras/config.ts';
import { assertRefuses } from '../../support/throwsCode.ts';

const wrong: [string, string][] = [
  ['text that is no JSON', '{"class_name": "Sequential", '],
  ['an empty text', ''],
  ['a number', '3'],
  ['null', 'null'],
  ['a list', '[]'],
  ['no class', '{"config": {}}'],
  ['no configuration', '{"class_name": "Sequential"}'],
  ['no layers', '{"class_name": "Sequential", "config": {}}'],
  ['layers that are a number', '{"class_name": "Sequential", "config": {"layers": 3}}'],
  ['layers that are numbers', '{"class_name": "Sequential", "config": {"layers": [1, 2]}}'],
  ['a layer that is null', '{"class_name": "Sequential", "config": [null]}'],
  ['a layer without configuration', '{"class_name": "Sequential", "config": [{"class_name": "LSTM"}]}'],
  ['a class of its own without layers', '{"class_name": "MyModel", "config": {"units": 3}}'],
  ['no inputs', '{"class_name": "Functional", "config": {"layers": []}}'],
  [
    'inputs that are numbers',
    '{"class_name": "Functional", "config": {"layers": [], "input_layers": [1], "output_layers": []}}',
  ],
  [
    'calls that are text',
    JSON.stringify({
      class_name: 'Functional',
      config: {
        layers: [{ class_name: 'LSTM', name: 'a', config: { name: 'a' }, inbound_nodes: ['x'] }],
        input_layers: [],
        output_layers: [],
      },
    }),
  ],
  [
    'a nested model without layers',
    JSON.stringify({
      class_name: 'Sequential',
      config: [{ class_name: 'Sequential', config: { name: 'in' } }],
    }),
  ],
  [
    'a wrapped layer without a class',
    JSON.stringify({
      class_name: 'Sequential',
      config: [{ class_name: 'Bidirectional', config: { name: 'b', layer: { config: {} } } }],
    }),
  ],
  ['lists nested a hundred thousand deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  [
    'wrappers nested too deep to follow',
    `{"class_name": "Sequential", "config": [${'{"class_name":"W","config":{"name":"w","layer":'.repeat(20_000)}null${'}}'.repeat(20_000)}]}`,
  ],
];

for (const [name, json] of wrong) {
  test(`${name} is no model`, () =>
    assertRefuses(() => parseModelConfig(json, 'model.h5'), 'notAModel', 'model.h5'));
}

test('where it nests too deep that is said', () =>
  assertRefuses(
    () => parseModelConfig('['.repeat(600), 'model.h5'),
    'notAModel',
    'nests more than 512 levels deep',
  ));

test('where it has more lists and objects than any model, that is said before they take their memory', () =>
  assertRefuses(
    () => parseModelConfig(`[${'{},'.repeat(2 ** 20)}{}]`, 'model.h5'),
    'notAModel',
    'more than 1,048,576 lists and objects',
  ));
