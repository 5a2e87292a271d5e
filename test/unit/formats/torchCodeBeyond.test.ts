import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { computedOf } from '../../support/scriptCode.ts';
import { both, head, last, states, steps } from '../../support/scriptLines.ts';

const functional = '__torch__.torch.nn.functional';

describe('code computes more than layers one behind the other', () => {
  for (const [what, expected, ...lines] of [
    ['an operator that changes values', 'torch.mul', steps, last, 'return (fc).forward(torch.mul(z, 2), )'],
    [
      'a cell of whole sequences',
      'cell',
      'h = torch.zeros([1, 8])',
      'h1, c1, = (cell).forward(x, (h, h), )',
      'return h1',
    ],
    ['a sum of two layers', 'torch.add', steps, 'return torch.add((fc).forward(y, ), (fc2).forward(y, ))'],
    ['two results', 'fc2', steps, 'return ((fc).forward(y, ), (fc2).forward(y, ))'],
    [
      'a function of its own name',
      'torch.nn.functional.normalize',
      `_1 = ${functional}.normalize`,
      steps,
      'return (fc).forward(_1(y, 2., ), )',
    ],
    [
      'a dropout that is always on',
      'torch.dropout',
      steps,
      'return (fc).forward(torch.dropout(y, 0.5, True), )',
    ],
    [
      'half of the outputs of both directions',
      'torch.slice ([:, :, 0:8])',
      both,
      'return (fc).forward(torch.slice(y, 2, 0, 8), )',
    ],
    [
      'both halves at the last step',
      'torch.select ([:, -1])',
      both,
      'a, b, = torch.chunk(y, 2, 2)',
      'return (fc).forward(torch.cat([torch.select(a, 1, -1), torch.select(b, 1, -1)], 1), )',
    ],
    [
      'a sum that a dict holds beside a result',
      'torch.add',
      steps,
      last,
      'return {"y": (fc).forward(z, ), "sum": torch.add(y, y)}',
    ],
    ['a feature', 'torch.select ([:, :, -1])', steps, 'return torch.select(y, 2, -1)'],
    ['the last sample', 'torch.select ([-1])', steps, 'z = torch.select(y, 0, -1)', head],
    [
      'every second step',
      'torch.slice ([:, ::2])',
      'x0 = torch.slice(x, 1, None, None, 2)',
      steps.replace('x,', 'x0,'),
      last,
      head,
    ],
    [
      'the last of another axis',
      'torch.select ([:, …])',
      steps,
      'z = torch.select(y, 1, torch.sub(torch.size(x, 0), 1))',
      head,
    ],
    [
      'features in place of steps, of data that another layer takes as they are',
      'torch.transpose',
      'x0 = torch.transpose((fc2).forward(x, ), 1, 2)',
      steps.replace('x,', 'x0,'),
      last,
      head,
    ],
    [
      'samples in place of steps',
      'torch.reshape',
      steps,
      'z = torch.reshape(y, [torch.size(x, 1), torch.size(x, 0), -1])',
      'return (fc).forward(z, )',
    ],
    ['a softmax over steps', 'torch.softmax', steps, 'return torch.softmax((fc).forward(y, ), 1)'],
    ['a value that is repeated', 'torch.expand', steps, 'return (fc).forward(torch.expand(y, [2, 3]), )'],
    ['a cell state', 'c_n', steps, states, 'z = torch.select(c, 0, -1)', head],
    ['the state of one direction', 'h_n', both, 'z = torch.select(h, 0, -1)', head],
    [
      'the directions in another order',
      'torch.cat',
      both,
      'z = torch.cat([torch.select(h, 0, 1), torch.select(h, 0, 0)], 1)',
      head,
    ],
    [
      'states of samples side by side',
      'torch.reshape',
      both,
      'z = torch.reshape(h, [torch.size(x, 0), -1])',
      head,
    ],
    ['states of another layer', 'lstm2', steps, 'y2, s2, = (lstm2).forward__0(y, s, )', 'return y2'],
    [
      'a state that is not zeros behind a condition',
      'lstm',
      'if torch.gt(torch.size(x, 0), 3):',
      '  h = torch.zeros([1, 2, 3])',
      'else:',
      '  h = torch.ones([1, 2, 3])',
      steps.replace('None', '(h, h)'),
      last,
      head,
    ],
    [
      'a layer behind a condition',
      'if',
      steps,
      last,
      'if torch.gt(torch.size(x, 0), 3):',
      '  w = (fc2).forward(z, )',
      'else:',
      '  w = z',
      'return w',
    ],
    [
      'a state that is changed in place',
      'torch.fill_',
      'h = torch.zeros([1, 2, 8])',
      '_1 = torch.fill_(h, 1.)',
      steps.replace('None', '(h, h)'),
      last,
      head,
    ],
    ['what it keeps for the next call', 'hidden', steps, 'self.hidden = s', last, head],
    [
      'sequences without their padding',
      'pack_padded_sequence',
      'p, n = torch._pack_padded_sequence(x, l, True)',
      'y, s, = (lstm).forward__0(p, None, )',
      'return y',
    ],
  ] as const)
    test(`with ${what}`, () => {
      assert.equal(computedOf(lines), expected);
    });

  for (const name of ['toString', 'constructor', '__proto__', 'hasOwnProperty'])
    test(`with an operator called ${name}, as something of every object of JavaScript's is`, () => {
      const counted = `n = torch.${name}(torch.size(x, 1), 3)`;
      const lines = [counted, steps, last, `return (fc).forward(torch.${name}(z), )`];
      assert.equal(computedOf(lines), `torch.${name}`);
    });

  test('with the states of layers below', () => {
    const lines = [
      'y, h = torch.gru(x, torch.zeros([2, 2, 8]), both._flat_weights, False, 2, 0., False, False, True)',
    ];
    const of = (index: number) =>
      computedOf([...lines, `return (fc).forward(torch.select(h, 0, ${index}), )`]);
    assert.deepEqual(of(-1), ['both', 'last', 'fc']);
    assert.deepEqual(of(1), ['both', 'last', 'fc']);
    assert.equal(of(0), 'torch.select ([0])');
    assert.equal(of(-2), 'torch.select ([-2])');
  });
});
