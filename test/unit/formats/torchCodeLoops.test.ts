import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { computedOf } from '../../support/scriptCode.ts';
import { head, last, steps } from '../../support/scriptLines.ts';

const stack = 'return torch.stack(l, 1)';

describe('code with loops computes layers one behind the other', () => {
  for (const [what, expected, ...lines] of [
    [
      'with a cell over all steps',
      ['cell', 'last', 'fc'],
      'h = torch.zeros([1, 8])',
      'h0 = h',
      'c0 = h',
      'for t in range(torch.size(x, 1)):',
      '  h1, c1, = (cell).forward(torch.select(torch.slice(x), 1, t), (h0, c0), )',
      '  h0, c0 = h1, c1',
      'return (fc).forward(h0, )',
    ],
    [
      'with all steps of a cell, which a list holds',
      ['cell', 'fc'],
      ...listing(),
      'return (fc).forward(torch.stack(l, 1), )',
    ],
    [
      'with the last value of such a list',
      ['cell', 'last', 'fc'],
      ...listing('m = torch.add_(l, [h1])'),
      'return (fc).forward(l[-1], )',
    ],
    [
      'with all steps in a list that is made anew',
      ['cell', 'fc'],
      ...listing('l = torch.add(l, [torch.unsqueeze(h1, 1)])'),
      'return (fc).forward(torch.cat(l, 1), )',
    ],
  ] as const)
    test(what, () => {
      assert.deepEqual(computedOf(lines), expected);
    });
});

describe('code with loops computes more than that', () => {
  for (const [what, expected, ...lines] of [
    ['a loop that goes on while something is so', 'while', 'while b:', '  x0 = x', steps, last, head],
    ['a step in a loop over another axis', 'torch.select ([…])', ...loop('x', '(h0, c0)', '0')],
    ['states of a cell that are swapped', 'cell', ...loop('x', '(c0, h0)')],
    [
      'a cell that begins anew at every step',
      'cell',
      ...loop('x', '(torch.zeros([1, 8]), torch.zeros([1, 8]))'),
    ],
    [
      'something else from the third step on',
      'if',
      'n = 0',
      ...loop('x', '(h0, c0)').slice(0, -1),
      '  if torch.gt(n, 2):',
      '    h0 = torch.relu(h1)',
      '  n = torch.add(n, 1)',
      'return (fc).forward(h0, )',
    ],
    [
      'a cell state that a loop leaves',
      'c_n',
      ...loop('x', '(h0, c0)').slice(0, -1),
      'return (fc).forward(c0, )',
    ],
    [
      'two values of each step in a list',
      'torch.append',
      ...listing('_2 = torch.append(l, h1)', '_3 = torch.append(l, h1)'),
      stack,
    ],
    ['a list of some steps', 'if', ...listing('if torch.gt(t, 2):', '  _2 = torch.append(l, h1)'), stack],
    ['a list that begins anew with each step', 'torch.stack', ...listing('l = [h1]'), stack],
    [
      'a list whose values are changed behind it',
      'torch.tanh_',
      ...listing('_2 = torch.append(l, h1)', '_3 = torch.tanh_(h1)'),
      stack,
    ],
    [
      'a list that is kept twice',
      'torch.add',
      ...listing('m = torch.add(l, [h1])'),
      'return torch.stack(m, 1)',
    ],
    [
      'a list that is read while it grows',
      'torch.stack',
      ...listing('_2 = torch.append(l, torch.stack(l))'),
      stack,
    ],
    [
      'a list that something else holds',
      'torch.append',
      listing()[0],
      'p = (l, l)',
      ...listing().slice(1),
      'return torch.stack((p)[0], 1)',
    ],
    [
      'a value of each step that is computed again',
      'fc',
      'w = x',
      'for t in range(torch.size(x, 1)):',
      '  w = (fc).forward(w, )',
      'return w',
    ],
  ] as const)
    test(`with ${what}`, () => {
      assert.equal(computedOf(lines), expected);
    });
});

/** A cell over the steps, which lines put into the list `l`. */
function listing(...lines: string[]): string[] {
  const more = lines.length > 0 ? lines : ['_2 = torch.append(l, h1)'];
  return [
    'l = annotate(List[Tensor], [])',
    ...loop('x', '(h0, c0)').slice(0, -1),
    ...more.map((line) => `  ${line}`),
  ];
}

/** A cell over the steps of an axis. */
function loop(input: string, given: string, axis = '1'): string[] {
  return [
    'h0 = torch.zeros([1, 8])',
    'c0 = torch.zeros([1, 8])',
    'for t in range(torch.size(x, 1)):',
    `  h1, c1, = (cell).forward(torch.select(${input}, ${axis}, t), ${given}, )`,
    '  h0, c0 = h1, c1',
    'return (fc).forward(h0, )',
  ];
}
