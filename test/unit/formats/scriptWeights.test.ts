import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Named } from '../../../extension/formats/pytorch/namedTensors.ts';
import { moduleWeights } from '../../../extension/formats/pytorch/scriptComputed.ts';

/** Tensors of these names, each in a storage of its own but where another is said. */
function tensors(...names: (string | readonly [name: string, storage: string])[]): Named[] {
  return names.map((one) => {
    const [name, storage] = typeof one === 'string' ? [one, one] : one;
    const type = { name: 'torch.float32', bytes: 4, dtype: 'float32' } as const;
    const numbers = { offset: 0, shape: [2, 2], stride: [2, 1] };
    const places = { storage: 0, offset: 0, shape: [0, 0], stride: [0, 0] };
    const storageFacts = { storage, storageBytes: 16, storageWidth: 4 };
    return { name, tensor: { ...storageFacts, type, ...numbers, places }, buffer: false };
  });
}

/** Modules of torch.nn by their paths. */
function modules(classes: Readonly<Record<string, string>>) {
  return new Map(
    Object.entries(classes).map(([path, className]) => [
      path,
      { facts: { className, options: new Map() }, className, isOfTorch: true, attributes: [], groups: [] },
    ]),
  );
}

/** Of which a layer of a class takes some weights, in their order. */
function weightsOfModules(tree: Parameters<typeof moduleWeights>[0]) {
  const { layerOf, weightsOf } = moduleWeights(tree);
  return {
    layerOf: (className: string, weights: readonly string[]) =>
      layerOf({ className, weights: new Map(weights.map((name, i) => [String(i), name])) }),
    weightsOf,
  };
}

const classes = modules({ emb: 'Embedding', fc: 'Linear', bn: 'BatchNorm1d', rnn: 'LSTM' });
const lstm = ['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0'].map((name) => `rnn.${name}`);
const norm = ['weight', 'bias', 'running_mean', 'running_var'].map((name) => `bn.${name}`);
const all = tensors('fc.weight', 'fc.bias', ...norm, 'bn.num_batches_tracked', ...lstm);

test('a layer takes all weights of its module, in their order', () => {
  const { layerOf, weightsOf } = weightsOfModules({ tensors: all, modules: classes });
  assert.equal(layerOf('Linear', ['fc.weight', 'fc.bias']), 'fc');
  assert.equal(layerOf('BatchNorm1d', norm), 'bn');
  assert.equal(layerOf('LSTM', lstm), 'rnn');
  assert.deepEqual(weightsOf('rnn'), lstm);
});

test('what takes a part of them, or takes them otherwise, is none', () => {
  const { layerOf } = weightsOfModules({ tensors: all, modules: classes });
  assert.equal(layerOf('Linear', ['fc.weight']), undefined);
  assert.equal(layerOf('BatchNorm1d', norm.slice(2)), undefined);
  assert.equal(layerOf('BatchNorm1d', norm.with(2, norm[3]).with(3, norm[2])), undefined);
  assert.equal(layerOf('LSTM', lstm.slice(0, 2)), undefined);
});

test('a weight that two modules share is that of either', () => {
  const tied = tensors('emb.weight', ['fc.weight', 'emb.weight']);
  const { layerOf } = weightsOfModules({ tensors: tied, modules: classes });
  assert.equal(layerOf('Embedding', ['emb.weight']), 'emb');
  assert.equal(layerOf('Linear', ['emb.weight']), 'fc');
});
