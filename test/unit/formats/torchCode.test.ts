import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ScriptProgram } from '../../../extension/formats/pytorch/scriptProgram.ts';
import { computedOf } from '../../support/scriptCode.ts';
import { both, head, last, states, steps } from '../../support/scriptLines.ts';

describe('code with modules computes layers one behind the other', () => {
  for (const [what, expected, ...lines] of [
    ['with the last step', ['lstm', 'last', 'fc'], steps, last, head],
    ['with all steps', ['lstm', 'fc'], steps, 'return (fc).forward(y, )'],
    [
      'with the first of a list that is taken apart',
      ['lstm', 'step 0', 'fc'],
      steps,
      'z, a, b, = torch.unbind(y, 1)',
      head,
    ],
    ['with another step', ['lstm', 'step 0', 'fc'], steps, 'z = torch.select(y, 1, 0)', head],
    [
      'with the mean over some steps',
      ['lstm', 'from 1, to -1', 'mean', 'fc'],
      steps,
      'z = torch.mean(torch.slice(y, 1, 1, -1), [1])',
      head,
    ],
    [
      'with a dict that holds its result',
      ['lstm', 'last', 'fc'],
      steps,
      last,
      'return {"y": (fc).forward(z, )}',
    ],
    [
      'with what both directions put out at their ends, as halves of the outputs',
      ['both', 'final', 'fc'],
      both,
      'a = torch.slice(torch.select(y, 1, -1), 1, 0, 8)',
      'b = torch.select(torch.slice(y, 2, 8, 9223372036854775807), 1, 0)',
      'return (fc).forward(torch.cat([a, b], 1), )',
    ],
    ['with the mean over all steps', ['lstm', 'mean', 'fc'], steps, 'z = torch.mean(y, [1])', head],
    ['with the largest values', ['lstm', 'max', 'fc'], steps, 'z, i = torch.max(y, 1)', head],
    [
      'with the last step by its number',
      ['lstm', 'last', 'fc'],
      steps,
      '_1 = torch.sub(torch.size(x, 1), 1)',
      'z = torch.select(y, 1, _1)',
      head,
    ],
    [
      'with the last steps as a slice',
      ['lstm', 'last', 'fc'],
      steps,
      'z = torch.squeeze(torch.slice(y, 1, -1), 1)',
      head,
    ],
    ['with the last hidden state', ['lstm', 'last', 'fc'], steps, states, 'z = torch.select(h, 0, -1)', head],
    ['with the first of one', ['lstm', 'last', 'fc'], steps, states, 'z = torch.select(h, 0, 0)', head],
    [
      'with the state of one, whatever its shape',
      ['lstm', 'last', 'fc'],
      steps,
      states,
      'z = torch.view(h, [-1, 8])',
      head,
    ],
    [
      'with the final states of both directions',
      ['both', 'final', 'fc'],
      both,
      'z = torch.cat([torch.select(h, 0, -2), torch.select(h, 0, -1)], 1)',
      head,
    ],
    [
      'with the same in one tensor',
      ['both', 'final', 'fc'],
      both,
      'z = torch.reshape(torch.transpose(h, 0, 1), [torch.size(x, 0), -1])',
      head,
    ],
    [
      'with a state of zeros',
      ['lstm', 'last', 'fc'],
      'h = torch.to(torch.zeros([torch.mul(layers, 2), torch.size(x, 0), 8]), 6)',
      steps.replace('None', '(h, h)'),
      last,
      head,
    ],
    ['with states beside the result', ['lstm', 'last', 'fc'], steps, last, 'return ((fc).forward(z, ), s)'],
    [
      'with activations and dropout where they stand',
      ['lstm', 'last', 'tanh', 'fc', 'dropout 0.5', 'relu', 'fc2', 'softmax'],
      steps,
      last,
      'a = (drop).forward((fc).forward(torch.tanh(z), ), )',
      'return torch.softmax((fc2).forward(torch.relu_(a), ), 1)',
    ],
    [
      'in the order of the calls',
      ['fc2', 'lstm2', 'lstm', 'last', 'fc'],
      'x0 = (fc2).forward(x, )',
      'y0, _0, = (lstm2).forward__0(x0, None, )',
      'y, _1, = (lstm).forward__0(y0, None, )',
      last,
      head,
    ],
    [
      'with steps that are laid out as rows and back',
      ['lstm', 'fc'],
      steps,
      'z = (fc).forward(torch.view(y, [-1, 8]), )',
      'return torch.view(z, [torch.size(x, 0), torch.size(x, 1), -1])',
    ],
    [
      'of tokens that come with the steps first',
      ['emb', 'lstm', 'last', 'fc'],
      'x0 = (emb).forward(torch.t(x), )',
      'y, s, = (lstm).forward__0(torch.transpose(x0, 0, 1), None, )'.replace(
        'transpose(x0, 0, 1)',
        'detach(x0)',
      ),
      last,
      head,
    ],
    [
      'with a convolution over the steps',
      ['conv', 'relu', 'lstm', 'last', 'fc'],
      'c = torch.relu((conv).forward(torch.transpose(x, 1, 2), ))',
      'x0 = torch.permute(c, [0, 2, 1])',
      steps.replace('(x,', '(x0,'),
      last,
      head,
    ],
    [
      'with a convolution of data whose features come first',
      ['conv', 'lstm', 'last', 'fc'],
      'x0 = torch.transpose((conv).forward(x, ), 1, 2)',
      steps.replace('(x,', '(x0,'),
      last,
      head,
    ],
    [
      'with pooling of every few steps and of all',
      ['conv', 'maxPool 2', 'averagePool 3, stride 1, padding 1', 'lstm', 'mean', 'fc'],
      'c = torch.max_pool1d((conv).forward(torch.transpose(x, 1, 2), ), [2], [2], [0], [1], False)',
      'x0 = torch.transpose(torch.avg_pool1d(c, [3], [1], [1]), 1, 2)',
      steps.replace('(x,', '(x0,'),
      'z = torch.squeeze(torch.adaptive_avg_pool1d(torch.transpose(y, 1, 2), [1]), 2)',
      head,
    ],
    [
      'with the final states of both directions in a list',
      ['both', 'final', 'fc'],
      both,
      'f, b, = torch.unbind(h)',
      'z = torch.cat([f, b], 1)',
      head,
    ],
    [
      'with the last of a list that is taken apart',
      ['lstm', 'last', 'fc'],
      steps,
      'a, b, z, = torch.unbind(y, 1)',
      head,
    ],
    [
      'with the steps behind the values',
      ['lstm', 'fc'],
      steps,
      'return torch.transpose((fc).forward(y, ), 1, 2)',
    ],
    [
      'in the only branch that raises no error',
      ['lstm', 'last', 'fc'],
      'if torch.ne(torch.size(x, 0), 7):',
      '  ops.prim.RaiseException("if x: torch.mul(x, 2)")',
      'else:',
      '  pass',
      steps,
      last,
      head,
    ],
    [
      'in the same way in both branches',
      ['lstm', 'last', 'fc'],
      'if torch.gt(torch.size(x, 0), 7):',
      '  x0 = torch.contiguous(x)',
      'else:',
      '  x0 = x',
      steps.replace('x,', 'x0,'),
      last,
      head,
    ],
  ] as const)
    test(what, () => {
      assert.deepEqual(computedOf(lines), expected);
    });

  test('whose state may be given and is not', () => {
    const lines = [steps.replace('None', 'h'), last, head];
    const optional = ['x: Tensor', 'h: Optional[Tuple[Tensor, Tensor]]=None'];
    assert.deepEqual(computedOf(lines, { parameters: optional }), ['lstm', 'last', 'fc']);
    assert.equal(computedOf(lines, { parameters: ['x: Tensor', 'h: Tuple[Tensor, Tensor]'] }), 'lstm');
  });

  test('with the zeros that a method of it returns', () => {
    const lines = ['h = (self).begin(torch.size(x, 0), )', steps.replace('None', '(h, h)'), last, head];
    const method = (made: string) => [
      '  def begin(self: __torch__.net.Net,',
      '    n: int) -> Tensor:',
      `    return torch.${made}([1, torch.mul(n, 2), 8])`,
    ];
    assert.deepEqual(computedOf(lines, { more: method('zeros') }), ['lstm', 'last', 'fc']);
    assert.equal(computedOf(lines, { more: method('ones') }), 'lstm');
  });

  test('with lengths that tracing computes with constants', () => {
    const lines = [
      steps,
      '_1 = ops.prim.NumToTensor(torch.size(y, 1))',
      'z = torch.select(y, 1, int(torch.sub(_1, CONSTANTS.c0)))',
      head,
    ];
    assert.deepEqual(computedOf(lines, { integers: { 'CONSTANTS.c0': 1 } }), ['lstm', 'last', 'fc']);
    assert.deepEqual(computedOf(lines, { integers: { 'CONSTANTS.c0': 2 } }), ['lstm', 'step -2', 'fc']);
    assert.equal(computedOf(lines), 'torch.sub');
  });

  test('whose one output may lose its axis', () => {
    const lines = [steps, last, 'return torch.squeeze((fc).forward(z, ), 1)'];
    assert.deepEqual(computedOf(lines, { width: 1 }), ['lstm', 'last', 'fc']);
  });
});

test('a hook of the whole model is named, as the code of its forward has no word of it', () => {
  const code = 'class Net(Module):\n  __forward_pre_hooks__ = []\n  __forward_hooks__ = ["twice", ]\n';
  const program = new ScriptProgram(new Map([['code/__torch__/net.py', code]]));
  assert.equal(program.hookOf('__torch__.net.Net'), 'twice');
  assert.equal(program.hookOf('__torch__.net.Other'), undefined);
});
