import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { global, instance, orderedDict, type Pickled, tuple } from '../../support/pickle.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { floats, parameter, tensor, torchZip } from '../../support/torchFile.ts';
import { parameterOf, withTorch } from './torchContents.ts';

const write = scratchFiles();
const storages = { 0: floats(1, 2, 3, 4), 1: floats(5, 6) };
const recurrent = tensor({ storage: '0', numel: 4, shape: [2, 2] });
const bias = tensor({ storage: '1', numel: 2, shape: [2] });
const dict = orderedDict(
  new Map([
    ['rnn.weight_hh_l0', recurrent],
    ['fc.bias', bias],
  ]),
);
const names = ['rnn.weight_hh_l0', 'fc.bias'];

function map(entries: Record<string, Pickled>): Map<string, Pickled> {
  return new Map(Object.entries(entries));
}

function opened<T>(saved: Pickled, use: Parameters<typeof withTorch<T>>[1]): Promise<T> {
  return withTorch(write('model.pt', torchZip({ saved, storages })), use);
}

describe('the weights of a file of PyTorch', () => {
  test('are those of its state dict, by name and in order', () =>
    opened(dict, async (file) => {
      assert.deepEqual(file.names, names);
      assert.deepEqual(await file.read('rnn.weight_hh_l0'), [1, 2, 3, 4]);
      assert.deepEqual(parameterOf(file, 'fc.bias')?.shape, [2]);
      assert.equal(file.container.hasOptimizerState, false);
    }));

  const optimizer = map({ state: new Map([[0, map({ exp_avg: recurrent })]]), param_groups: [map({})] });
  const nested: Record<string, Pickled> = {
    'a checkpoint, whatever else it holds': map({ epoch: 3, model_state_dict: dict, optimizer }),
    'a checkpoint of Lightning': map({
      state_dict: dict,
      hyper_parameters: map({ hidden: 2 }),
      optimizer_states: [optimizer],
    }),
    'a checkpoint beside its averages': map({ model_ema: dict, model: dict, optimizer }),
    'a checkpoint that calls them its own way': map({ best: dict, optimizer }),
    'a list in a checkpoint': map({ args: map({}), nets: [dict], optimizer }),
    'a checkpoint with a score and the state of a generator of numbers': map({
      net: dict,
      best: tensor({ storage: '1', numel: 2, shape: [] }),
      rng: tensor({ storage: '1', numel: 8, shape: [8], type: 'ByteStorage' }),
      optimizer,
    }),
    'a DataParallel module in a checkpoint': map({
      state_dict: orderedDict(new Map(names.map((name, i) => [`module.${name}`, [recurrent, bias][i]]))),
      optimizer,
    }),
  };
  test('are apart from others in a checkpoint, which are named', () => {
    const averages = tensor({ storage: '0', numel: 4, shape: [4] });
    const saved = map({
      model: dict,
      same: dict,
      ema: map({ decay: 0.5, shadow: [averages] }),
      score: tensor({ storage: '1', numel: 2, shape: [] }),
      optimizer,
    });
    return opened(map({ epoch: 1, saved }), async ({ names: found, container }) => {
      assert.deepEqual(found, names);
      assert.deepEqual(container.otherWeights, ['saved.ema']);
    });
  });

  for (const [what, saved] of Object.entries(nested)) {
    test(`are found in ${what}`, () =>
      opened(saved, async (file) => {
        assert.deepEqual(file.names, names);
        assert.equal(file.container.hasOptimizerState, true);
      }));
  }

  test('keep their part of the name where several models are in a file', () =>
    opened(map({ encoder: dict, decoder: map({ 'rnn.weight_hh_l0': bias }) }), async (file) => {
      assert.deepEqual(file.names, [
        'encoder.rnn.weight_hh_l0',
        'encoder.fc.bias',
        'decoder.rnn.weight_hh_l0',
      ]);
    }));

  test('are those of a whole module, which says which of them are trained', () => {
    const lstm = instance(
      global('torch.nn.modules.rnn', 'LSTM'),
      map({
        _parameters: orderedDict(new Map([['weight_hh_l0', parameter(recurrent, false)]])),
        _buffers: orderedDict(new Map()),
        _modules: orderedDict(new Map()),
        batch_first: true,
        sizes: tuple(2, 2),
      }),
    );
    const net = instance(
      global('my.models', 'LSTM'),
      map({
        _parameters: map({ own: parameter(bias) }),
        _buffers: map({ mean: bias, scratch: bias }),
        _non_persistent_buffers_set: { bytes: Buffer.from('\x8f(X\x07\0\0\0scratch\x90', 'latin1') },
        _modules: map({ rnn: lstm }),
      }),
    );
    return opened(net, async (file) => {
      assert.deepEqual(file.names, ['own', 'mean', 'rnn.weight_hh_l0']);
      assert.equal(parameterOf(file, 'rnn.weight_hh_l0')?.trainable, false);
      assert.equal(parameterOf(file, 'own')?.trainable, true);
      const modules = file.stateDict.modules;
      assert.equal(modules?.get('')?.className, 'my.models.LSTM');
      assert.equal(modules?.get('rnn')?.className, 'LSTM');
      assert.equal(modules?.get('rnn')?.options.get('batch_first'), true);
      assert.deepEqual(modules?.get('rnn')?.options.get('sizes'), [2, 2]);
    });
  });

  test('are those of a TorchScript archive', () => {
    const rnn = instance(
      global('__torch__.torch.nn.modules.rnn.___torch_mangle_4', 'LSTM'),
      map({ training: false, weight_hh_l0: recurrent }),
    );
    return opened(instance(global('__torch__', 'Net'), map({ rnn, bias })), async (file) => {
      assert.deepEqual(file.names, ['bias', 'rnn.weight_hh_l0']);
      assert.equal(file.stateDict.modules?.get('rnn')?.className, 'LSTM');
    });
  });

  test('are one parameter where two names share all of them', () =>
    opened(
      map({ encoder: recurrent, decoder: tensor({ storage: '0', numel: 4, shape: [2, 2] }) }),
      async (file) => {
        assert.equal(parameterOf(file, 'encoder'), parameterOf(file, 'decoder'));
        assert.equal(file.parameters.length, 1);
      },
    ));

  test('are floats; what is none is only named, with its type', () =>
    opened(
      map({ 'bn.num_batches_tracked': tensor({ storage: '1', numel: 1, shape: [], type: 'LongStorage' }) }),
      async (file) => {
        assert.deepEqual(file.stateDict.tensors, [
          { name: 'bn.num_batches_tracked', shape: [], dtype: 'torch.int64' },
        ]);
      },
    ));

  test('do not include statistics where training is asked for', () =>
    opened(map({ 'bn.running_mean': bias, 'bn.weight': bias }), async (file) => {
      assert.equal(parameterOf(file, 'bn.running_mean')?.trainable, false);
    }));

  test('are found in time where a file leads in circles', () => {
    const giant = map(Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`k${i}`, i])));
    const module = Buffer.concat([
      global('my', 'Net').bytes,
      Buffer.from(')\x81}(X\x0b\0\0\0_parametersh\x00X\x08\0\0\0_modulesh\x00ub', 'latin1'),
    ]);
    const list = {
      bytes: Buffer.concat([Buffer.from('(', 'latin1'), ...Array(3000).fill(module), Buffer.from('t')]),
    };
    // The dict is memoised as 0, and every module has it for its parameters and its children.
    const saved = { bytes: Buffer.concat([pickled(giant), Buffer.from('q\x000', 'latin1'), list.bytes]) };
    const begun = process.cpuUsage();
    return assertRefuses(() => opened(saved, async () => {}), 'fileDamaged', 'objects').then(() =>
      assert.ok(process.cpuUsage(begun).user < 2e6),
    );
  });
});

function pickled(value: Pickled): Buffer {
  const entries = [...(value as Map<string, Pickled>)];
  const parts = entries.map(([key, n]) =>
    Buffer.concat([
      Buffer.from(`X${String.fromCharCode(key.length)}\0\0\0${key}J`, 'latin1'),
      int32(Number(n)),
    ]),
  );
  return Buffer.concat([Buffer.from('}('), ...parts, Buffer.from('u')]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
