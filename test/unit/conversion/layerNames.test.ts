import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LayerNames } from '../../../extension/conversion/keras/names.ts';

test('a name is given once, without the slashes that Keras refuses', () => {
  const names = new LayerNames({ besideMasks: false });
  assert.deepEqual(
    ['a/b', 'a/b', '', 'concatenate', 'not_equal_3'].map((name) => names.fresh(name)),
    ['a_b', 'a_b_1', 'layer', 'concatenate', 'not_equal_3'],
  );
});

test("beside masks no layer has a name that Keras' operations of masks may get", () => {
  const names = new LayerNames({ besideMasks: true });
  assert.deepEqual(
    ['concatenate', 'concatenate_2', 'concatenate', 'any', 'not_equal', 'add', 'my_concatenate'].map((name) =>
      names.fresh(name),
    ),
    [
      'concatenate_layer',
      'concatenate_2_layer',
      'concatenate_layer_1',
      'any_layer',
      'not_equal_layer',
      'add',
      'my_concatenate',
    ],
  );
});
