import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { computedOfFrozen } from '../../support/scriptCode.ts';

/** What is more than layers one behind the other; undefined where nothing is. */
function beyond(...lines: string[]): string | undefined {
  const computed = computedOfFrozen(lines);
  return typeof computed === 'string' ? computed : undefined;
}

const zeros = 'h = torch.zeros([1, torch.size(x, 0), 8])';
const lists = ['_0 = [CONSTANTS.c0, CONSTANTS.c1]', '_1 = [CONSTANTS.c2, CONSTANTS.c3]'];
const lstm = (
  name: string,
  [input, states, weights]: readonly string[],
  more = 'False, 1, 0., False, False, True',
) => `${name}, ${name}h, ${name}c = torch.lstm(${input}, ${states}, ${weights}, ${more})`;
const head = (input: string, constant = 9) => `torch.linear(${input}, CONSTANTS.c${constant})`;
const first = [...lists, zeros, lstm('y', ['x', '[h, h]', '_0'])];
const ofCell = (input: string, states: string, range = 'torch.size(x, 1)') =>
  beyond(
    'h = torch.zeros([torch.size(x, 0), 8])',
    'h0 = h',
    'c = h',
    `for t in range(${range}):`,
    `  _2, _3 = torch.lstm_cell(${input}, ${states}, CONSTANTS.c0, CONSTANTS.c1)`,
    '  h0, c = _2, _3',
    `return ${head('h0')}`,
  );

describe('a row of layers in frozen code', () => {
  for (const [what, ...lines] of [
    ['the last step', ...first, `return ${head('torch.select(torch.slice(y), 1, -1)')}`],
    [
      'a softmax over the classes of the last step',
      ...first,
      '_5 = torch.select(y, 1, -1)',
      `return torch.softmax(${head('_5')}, 1)`,
    ],
    ['a softmax over the classes of all steps', ...first, `return torch.log_softmax(${head('y')}, 2)`],
    ['the last hidden state', ...first, `return ${head('torch.select(yh, 0, -1)')}`],
    ['states beside the result', ...first, `return (${head('y')}, yh, yc)`],
    [
      'branches for one sample and for several',
      'b = torch.ne(torch.dim(x), 3)',
      'if b:',
      '  input = torch.unsqueeze(x, 0)',
      'else:',
      '  input = x',
      ...[...lists, zeros, lstm('y', ['input', '[h, h]', '_0'])],
      'if b:',
      '  hidden, out = (torch.squeeze(yh, 1), torch.squeeze(yc, 1)), torch.squeeze(y, 0)',
      'else:',
      '  hidden, out = (yh, yc), y',
      'last, _9, = hidden',
      `return ${head('torch.select(last, 0, 0)')}`,
    ],
    [
      'states in a tuple that is taken apart',
      ...[...lists, zeros, 'hx = (h, annotate(Tensor, h))', 'a, b, = hx'],
      lstm('y', ['x', '[a, (hx)[1]]', '_0']),
      lstm('z', ['y', '[h, h]', '_1']),
      'return z',
    ],
  ])
    test(`has ${what}`, () => {
      assert.equal(beyond(...lines), undefined);
    });

  test('has a cell that a loop calls at each step', () => {
    assert.equal(ofCell('torch.select(torch.slice(x), 1, t)', '[h0, c]'), undefined);
    assert.equal(ofCell('torch.select(x, 1, t)', '[h0, c]', '3'), undefined);
    // The same step in each turn, states that are swapped, another axis.
    assert.equal(ofCell('torch.select(x, 1, 0)', '[h0, c]'), 'lstmCell1');
    assert.equal(ofCell('torch.select(x, 1, t)', '[c, h0]'), 'lstmCell1');
    assert.equal(ofCell('torch.select(x, 1, t)', '[h0, c]', 'torch.size(x, 0)'), 'torch.select ([:, …])');
    assert.equal(ofCell('x', '[h0, c]'), 'lstmCell1');
  });

  for (const [what, expected, ...lines] of [
    ['states of another layer', 'lstm2', ...first, lstm('z', ['y', '[yh, yc]', '_1']), 'return z'],
    ['states that it is given', 'lstm1', ...lists, lstm('y', ['x', '[h, c]', '_0']), 'return y'],
    ['two heads', 'linear2', ...first, `return (${head('y')}, ${head('y', 8)})`],
    ['a result of a layer within', 'lstm1', ...first, `_5 = ${head('y')}`, 'return (_5, y)'],
    [
      'a layer in some cases',
      'if',
      ...first,
      'if b:',
      '  z = torch.relu(y)',
      'else:',
      '  z = y',
      `return ${head('z')}`,
    ],
    ['a softmax over steps', 'torch.softmax', ...first, `return torch.softmax(${head('y')}, 1)`],
    ['the last sample', 'torch.select ([-1])', ...first, `return ${head('torch.select(y, 0, -1)')}`],
    ['the last cell state', 'c_n', ...first, `return ${head('torch.select(yc, 0, -1)')}`],
    [
      'every other step',
      'torch.slice ([:, ::2])',
      ...lists,
      zeros,
      lstm('y', ['torch.slice(x, 1, None, None, 2)', '[h, h]', '_0']),
      'return y',
    ],
    [
      'a hidden state of the layer below',
      'torch.select ([0])',
      ...[
        ...lists,
        zeros,
        lstm(
          'y',
          ['x', '[h, h]', '[CONSTANTS.c0, CONSTANTS.c1, CONSTANTS.c2, CONSTANTS.c3]'],
          'False, 2, 0., False, False, True',
        ),
      ],
      `return ${head('torch.select(yh, 0, 0)')}`,
    ],
    [
      'a layer that goes over its own result',
      'lstm1',
      ...[
        ...lists,
        zeros,
        'x0 = x',
        'for i in range(3):',
        `  ${lstm('y', ['x0', '[h, h]', '_0'])}`,
        '  x0 = y',
      ],
      `return ${head('y')}`,
    ],
  ] as const)
    test(`is none with ${what}`, () => {
      assert.equal(beyond(...lines), expected);
    });
});
