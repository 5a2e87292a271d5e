import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ScriptProgram } from '../../../extension/formats/pytorch/scriptProgram.ts';
import { computedOf } from '../../support/scriptCode.ts';

const functional = '__torch__.torch.nn.functional';
const steps = 'y, s, = (lstm).forward__0(x, None, )';
const states = 'h, c, = s';
const last = 'z = torch.select(torch.slice(y), 1, -1)';
const head = 'return (fc).forward(z, )';
const stack = 'return torch.stack(l, 1)';
const both = 'y, h, = (both).forward__0(x, )';

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

test('a hook of the whole model is named, as the code of its forward has no word of it', () => {
  const code = 'class Net(Module):\n  __forward_pre_hooks__ = []\n  __forward_hooks__ = ["twice", ]\n';
  const program = new ScriptProgram(new Map([['code/__torch__/net.py', code]]));
  assert.equal(program.hookOf('__torch__.net.Net'), 'twice');
  assert.equal(program.hookOf('__torch__.net.Other'), undefined);
});

describe('code that is made to be hard to follow', () => {
  /** Of the processor: other tests run beside this one. */
  const inTime = (lines: readonly string[]) => {
    const start = process.cpuUsage();
    computedOf(lines);
    const { user, system } = process.cpuUsage(start);
    assert.ok(user + system < 2_000_000, `${(user + system) / 1000} ms`);
  };

  test('is given up soon', () => {
    const many = (count: number, line: (i: number) => string) =>
      Array.from({ length: count }, (_, i) => line(i));
    inTime(many(20_000, (i) => `v${i + 1} = torch.detach(v${i})`));
    inTime(['v0 = [x, x]', ...many(60, (i) => `v${i + 1} = [v${i}, v${i}]`), 'return v60']);
    inTime([`return ${'('.repeat(100_000)}`]);
    inTime([steps, ...many(2000, () => 'y = torch.tanh(y)'), 'return y']);
    inTime(many(40, (i) => `${' '.repeat(i)}if b:`));
    inTime(
      many(3000, (i) => `if torch.gt(torch.size(x, 0), ${i}):\n      v${i} = x\n    else:\n      v${i} = y`),
    );
    inTime(many(60, (i) => `${' '.repeat(i)}for t${i} in range(99):`));
    const foo = many(3000, () => 'b = torch.foo(a)');
    inTime(['a = x', ...many(2400, () => 'a = (a, x)'), ...foo]);
    inTime([`a = (${many(4900, () => 'x, ').join('')})`, ...foo]);
    inTime([
      `a = (${many(2300, () => 'x, ').join('')})`,
      'for t in range(torch.size(x, 1)):',
      ...many(300, (i) => `  v${i} = (a, a)`),
    ]);
    inTime(many(30, () => `y = torch.foo("${'\\"'.repeat(30_000)}`));
    inTime([`return x${'[0]'.repeat(20_000)}`]);
    inTime(['m = self', ...many(100, () => `m = m.${'a'.repeat(50_000)}`)]);
  });
});
