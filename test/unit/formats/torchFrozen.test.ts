import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { frozenLayers } from '../../../extension/formats/pytorch/frozenLayers.ts';
import { ScriptProgram } from '../../../extension/formats/pytorch/scriptProgram.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { frozenArchive, frozenCode } from '../../support/torchScript.ts';
import { withTorch } from './torchContents.ts';

const write = scratchFiles();

function layersOf(...lines: string[]) {
  const code = `class Net(Module):\n  def forward(self, x: Tensor) -> Tensor:\n    ${lines.join('\n    ')}\n`;
  const layers = frozenLayers(new ScriptProgram(new Map([['code/__torch__/net.py', code]])));
  return {
    names: [...layers.keys()],
    tensors: [...layers.values()].map(({ weights }) => Object.fromEntries(weights)),
  };
}

describe('frozen code', () => {
  test('tells the tensors of a recurrent operator by layers and directions', () => {
    const list = '_0 = [CONSTANTS.c0, CONSTANTS.c1, CONSTANTS.c2, CONSTANTS.c3]';
    const zeros = 'h = torch.zeros([2, 3, 1])';
    const both = layersOf(list, zeros, '_1, _2 = torch.rnn_relu(x, h, _0, False, 1, 0., False, True, True)');
    assert.deepEqual(both.names, ['rnn1']);
    assert.deepEqual(Object.keys(both.tensors[0]), [
      'weight_ih_l0',
      'weight_hh_l0',
      'weight_ih_l0_reverse',
      'weight_hh_l0_reverse',
    ]);
    // Of packed sequences.
    const deep = layersOf(list, zeros, '_1, _2 = torch.gru(x, sizes, h, _0, False, 2, 0., False, False)');
    assert.deepEqual(Object.entries(deep.tensors[0]).at(-1), ['weight_hh_l1', 'CONSTANTS.c3']);
    const projected = layersOf(
      zeros,
      '_1, _2, _3 = torch.lstm(x, [h, h], [CONSTANTS.c0, CONSTANTS.c1, CONSTANTS.c2], False, 1, 0., False, False, True)',
    );
    assert.equal(projected.tensors[0].weight_hr_l0, 'CONSTANTS.c2');
  });

  test('counts layers by kind, in its order', () => {
    const { names } = layersOf(
      '_0 = torch.layer_norm(torch.embedding(CONSTANTS.c0, x), [2], CONSTANTS.c1, CONSTANTS.c2, 0.5)',
      '_1 = torch.leaky_relu_(torch.linear(torch.dropout(_0, 0.5, False), CONSTANTS.c3, None), 0.25)',
      'return torch.softmax(torch.linear(_1, CONSTANTS.c4, CONSTANTS.c5), -1)',
    );
    assert.deepEqual(names, ['embedding1', 'layerNorm1', 'linear1', 'linear2']);
  });

  for (const [what, ...lines] of [
    ['a weight that is computed', '_0 = torch.linear(x, w, CONSTANTS.c0)'],
    ['a norm without weights', '_0 = torch.layer_norm(x, [2])'],
    [
      'a list of another function',
      '_0 = [CONSTANTS.c0, CONSTANTS.c1]',
      'return _0',
      '\n  def g(self, x: Tensor) -> Tensor:',
      '_1 = torch.gru(x, h, _0, False, 1, 0., False, False, True)',
    ],
  ])
    test(`names no layer by ${what}`, () => {
      assert.deepEqual(layersOf(...lines).names, []);
    });

  test('names a layer once that is called again', () => {
    const { names } = layersOf('_0 = torch.linear(x, CONSTANTS.c0)', '_1 = torch.linear(_0, CONSTANTS.c0)');
    assert.deepEqual(names, ['linear1']);
  });

  test('names layers that no input is known to reach', () => {
    const { names } = layersOf(
      'while b:',
      '  if c:',
      '    _0 = torch.linear(x, CONSTANTS.c0)',
      '  else:',
      '    _0 = (torch.foo(torch.linear(x, CONSTANTS.c1)))[0]',
      'return _0',
    );
    assert.deepEqual(names, ['linear1', 'linear2']);
  });

  test('has no layers in its texts', () => {
    assert.deepEqual(layersOf('_0 = "torch.linear(x, CONSTANTS.c0)"').names, []);
  });
});

describe('a frozen archive', () => {
  test('has the weights that its code calls, also those of two names, and what no layer takes', () =>
    withTorch(write('frozen.pt', frozenArchive(frozenCode.replace(', CONSTANTS.c3)', ', w)'))), (file) => {
      assert.deepEqual(file.names, [
        'lstm1.weight_ih_l0',
        'lstm1.weight_hh_l0',
        'lstm1.bias_ih_l0',
        'lstm1.bias_hh_l0',
        'CONSTANTS.c3',
      ]);
      const trained = file.parameters.map(({ name, trainable }) => [name, trainable]);
      // A constant of several layers would have to become several; one that is of no layer is not known to be a weight.
      assert.deepEqual(trained, [
        ['lstm1.weight_ih_l0', true],
        ['lstm1.weight_hh_l0', true],
        ['lstm1.bias_ih_l0', false],
        ['CONSTANTS.c3', false],
      ]);
      return Promise.resolve();
    }));

  test('is written with other values where its constants lie', async () => {
    const path = write('frozen.pt', frozenArchive());
    const out = `${path}.out.pt`;
    await withTorch(path, async ({ parameters, container }) => {
      const [kernel] = parameters;
      kernel.mask = new Uint8Array([0, 1, 1, 1, 1, 1, 1, 1]);
      await container.save(out, {});
      const before = [...(await kernel.read())];
      await withTorch(out, async (again) => {
        assert.deepEqual(await again.read('lstm1.weight_ih_l0'), [0, ...before.slice(1)]);
      });
    });
    assert.equal((await readFile(out)).length, (await readFile(path)).length);
  });

  test('whose code calls no recurrent operator is refused', async () => {
    const code = 'class Net(Module):\n  def forward(self, x):\n    return torch.linear(x, CONSTANTS.c3)\n';
    const path = write('frozen.pt', frozenArchive(code));
    await assertRefuses(() => withTorch(path, async () => {}), 'notATorchModel', 'torch.jit.freeze');
  });
});
