import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { layerPlaces, placeOfLayer } from '../../../extension/host/services/layerPlaces.ts';

/** The text at the place of a layer, with the line that it is on. */
function found(text: string, layer: string): [string, number] | undefined {
  const place = placeOfLayer(layerPlaces(text), layer);
  if (!place) return undefined;
  const line = text.slice(0, place.offset).split('\n').length;
  return [text.slice(place.offset, place.offset + place.length), line];
}

const lstm = {
  class_name: 'LSTM',
  config: { units: 4, name: 'lstm', kernel_initializer: { class_name: 'Zeros', config: {} } },
};
const model = (...layers: object[]) => ({
  class_name: 'Sequential',
  config: { name: 'sequential_1', layers },
});

describe('the place of a layer in a model.json', () => {
  it('is its name, where TensorFlow.js and where the converter of Keras puts the topology', () => {
    const bare = { format: 'layers-model', modelTopology: model(lstm) };
    const nested = { modelTopology: { keras_version: '2.11.0', model_config: model(lstm) } };
    for (const json of [bare, nested]) {
      assert.deepEqual(found(JSON.stringify(json), 'lstm'), ['"name":"lstm"', 1]);
      const lines = JSON.stringify(json, null, 2).split('\n');
      const [, line] = found(lines.join('\n'), 'lstm') ?? [];
      assert.equal(lines[Number(line) - 1].trim(), '"name": "lstm",');
    }
  });

  it('is found in a Sequential that has no name', () => {
    const json = { modelTopology: { model_config: { class_name: 'Sequential', config: [lstm] } } };
    assert.deepEqual(found(JSON.stringify(json), 'lstm'), ['"name":"lstm"', 1]);
  });

  it('is that of a Bidirectional for both of its directions', () => {
    const both = { class_name: 'Bidirectional', config: { layer: lstm, name: 'both' } };
    const text = JSON.stringify({ modelTopology: model(both) });
    for (const name of ['both/forward', 'both/backward'])
      assert.deepEqual(found(text, name)?.[0], '"name":"both"');
  });

  it('tells layers of one name in two models apart', () => {
    const inner = (name: string) => ({ class_name: 'Sequential', config: { name, layers: [lstm] } });
    const text = JSON.stringify({ modelTopology: model(inner('a'), inner('b')) });
    const [first, second] = ['a/lstm', 'b/lstm'].map((name) => placeOfLayer(layerPlaces(text), name)?.offset);
    assert.ok(first !== undefined && second !== undefined && first < second);
  });

  it('is no name of a weight, of the model or of an optimizer', () => {
    const json = {
      modelTopology: {
        model_config: model(lstm),
        training_config: { optimizer_config: { class_name: 'Adam', config: { name: 'Adam' } } },
      },
      weightsManifest: [{ paths: [], weights: [{ name: 'gru' }] }],
    };
    const text = JSON.stringify(json);
    assert.equal(found(text, 'gru'), undefined);
    assert.equal(found(text, 'sequential_1'), undefined);
  });

  it('is found before a fault in the text, and in no text is anything else', () => {
    const text = JSON.stringify({ modelTopology: model(lstm) });
    assert.deepEqual(found(text.slice(0, text.indexOf('kernel')), 'lstm')?.[0], '"name":"lstm"');
    for (const other of ['', '}}]', '"', '{"a', '[[[[']) assert.deepEqual(layerPlaces(other), []);
  });
});
