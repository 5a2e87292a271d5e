import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { modulesOf } from '../../../extension/formats/stateDict/modules.ts';
import { unknownModule } from '../../../extension/formats/stateDict/unknownModules.ts';

/** The module that is not known of a model with one of this class. */
function unknownOf(className: string, options: Readonly<Record<string, unknown>> = {}) {
  const facts = new Map([
    ['', { className: 'my.Net', options: new Map() }],
    ['fc', { className: 'Linear', options: new Map() }],
    ['head', { className, options: new Map(Object.entries(options)) }],
  ]);
  return unknownModule(modulesOf({ tensors: [], inOrder: true, modules: facts }, 'f'));
}

describe('modules without tensors', () => {
  test('are known where they leave values alone, or are activations of a graph', () => {
    const known = [
      'Sequential',
      'ModuleList',
      'Identity',
      'Dropout1d',
      'CrossEntropyLoss',
      'Flatten',
      'ReLU',
      'GELU',
      'LogSoftmax',
    ];
    assert.deepEqual(
      known.filter((name) => unknownOf(name) !== undefined),
      [],
    );
    assert.equal(unknownOf('LeakyReLU', { negative_slope: 0.2 }), undefined);
    assert.equal(unknownOf('ELU', { alpha: 1 }), undefined);
    // Nothing in the file says what a class of the user's own computes.
    assert.equal(unknownOf('my.Mish'), undefined);
  });

  test('are named where PyTorch has them for something else', () => {
    const others = [
      'Mish',
      'Hardtanh',
      'LayerNorm',
      'InstanceNorm1d',
      'AdaptiveMaxPool1d',
      'AdaptiveLogSoftmaxWithLoss',
      // What every object of JavaScript's has.
      'constructor',
      '__proto__',
    ];
    assert.deepEqual(
      others.filter((name) => unknownOf(name) !== 'head'),
      [],
    );
    assert.equal(unknownOf('LeakyReLU', { negative_slope: -1 }), 'head');
    assert.equal(unknownOf('ELU', { alpha: 0.5 }), 'head');
    assert.equal(unknownOf('GELU', { approximate: 'tanh' }), 'head');
  });
});
