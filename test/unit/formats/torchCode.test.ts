import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { beyondModules } from '../../../extension/formats/pytorch/beyondModules.ts';

const torch = '__torch__.torch.nn.modules';
const functional = '__torch__.torch.nn.functional';
const attributes = [
  'layers : int',
  `lstm : ${torch}.rnn.LSTM`,
  `lstm2 : ${torch}.rnn.___torch_mangle_3.LSTM`,
  `cell : ${torch}.rnn.LSTMCell`,
  `fc : ${torch}.linear.Linear`,
  `fc2 : ${torch}.linear.Linear`,
  `drop : ${torch}.dropout.Dropout`,
];

/** The first of what a class does whose method has these lines, and whose variables `lstm`, `fc`, … are its modules. */
function beyondOf(
  lines: readonly string[],
  { parameters = ['x: Tensor'], more = [] as string[], integers = [] as string[] } = {},
) {
  const modules = attributes.map((own) => own.split(' ')[0]).map((own) => `${own} = self.${own}`);
  const code = [
    'class Net(Module):',
    ...attributes.map((own) => `  ${own}`),
    '  def forward(self: __torch__.net.Net,',
    `    ${parameters.join(',\n    ')}) -> Tensor:`,
    ...[...modules, ...lines].map((line) => `    ${line}`),
    ...more,
  ];
  return beyondModules(new Map([['code/__torch__/net.py', `${code.join('\n')}\n`]]), new Set(integers));
}

const steps = 'y, _0, = (lstm).forward__0(x, None, )';
const last = 'z = torch.select(torch.slice(y), 1, -1)';

describe('code with modules', () => {
  const beyond = (line: string, file = 'net.py') =>
    beyondModules(new Map([[`code/__torch__/${file}`, `def f(x):\n  ${line}\n`]]));

  test('computes with a constant where it names one outside of texts', () => {
    assert.equal(beyond('return torch.size(CONSTANTS.c12, 0)'), 'CONSTANTS.c12');
    assert.equal(beyond('_0 = "CONSTANTS.c0"'), undefined);
  });

  test('of PyTorch’s own computes what its classes say', () => {
    assert.equal(beyond('return torch.add(a, b)', 'torch/nn/modules/linear.py'), undefined);
    assert.equal(beyond('return torch.add(a, b)', 'torchvision/net.py'), 'torch.add');
  });

  for (const [what, expected, ...lines] of [
    ['an operator that changes values', 'torch.cat', 'return torch.tanh(torch.cat([a, b], 1))'],
    ['an activation at its end', 'torch.sigmoid', steps, 'return torch.sigmoid((fc).forward(y, ))'],
    ['an activation between modules', 'torch.tanh', steps, 'return (fc).forward(torch.tanh(y), )'],
    ['a ReLU that no linear layer comes before', 'torch.relu', steps, 'return (fc).forward(torch.relu(y), )'],
    ['a ReLU that no linear layer follows', 'torch.relu', steps, 'return torch.relu((fc).forward(y, ))'],
    [
      'a function of its own name',
      'torch.nn.functional.normalize',
      `_1 = ${functional}.normalize`,
      steps,
      'return (fc).forward(_1(y, 2., ), )',
    ],
    ['a function', 'torch.nn.functional.silu', `return ${functional}.silu(x, False, )`],
    [
      'a dropout that is always on',
      'torch.nn.functional.dropout',
      `_1 = ${functional}.dropout`,
      'x0 = _1(x, 0.5, True, )',
    ],
    ['another step than the last', 'torch.select', steps, 'z = torch.select(torch.slice(y), 1, 0)'],
    ['a feature', 'torch.select', steps, 'z = torch.select(y, 2, -1)'],
    ['every second step', 'torch.slice', 'x0 = torch.slice(torch.slice(x), 1, None, None, 2)'],
    [
      'the last of another axis',
      'torch.select',
      steps,
      '_1 = torch.sub(torch.size(x, 0), 1)',
      'z = torch.select(y, 1, _1)',
    ],
    ['a value that is repeated', 'torch.expand', 'x0 = torch.expand(x, [2, 3])'],
    ['numbers that are no lengths', 'torch.mul', 'x0 = torch.mul(x, torch.size(x, 1))'],
    ['a layer that is called again', 'lstm', steps, 'y2, _1, = (lstm).forward__0(y, None, )'],
    [
      'the same under another name',
      'lstm',
      steps,
      'lstm0 = self.lstm',
      'y2, _1, = (lstm0).forward__0(y, None, )',
    ],
    ['a layer in a loop', 'lstm', 'for i in range(3):', `  ${steps}`],
    ['two layers of one value', 'fc2', steps, last, 'a = (fc).forward(z, )', 'b = (fc2).forward(z, )'],
    ['a linear layer right behind another', 'fc2', 'b = (fc2).forward((fc).forward(x, ), )'],
    [
      'a state of another layer',
      'lstm2',
      'y, h, = (lstm).forward__0(x, None, )',
      'y2, _1, = (lstm2).forward__0(y, h, )',
    ],
    [
      'states of another, as tracing gives them',
      'lstm2',
      '_1, _2, _3, = (lstm).forward(x, )',
      '_4 = (lstm2).forward(_1, _2, _3, )',
    ],
    [
      'a state that is not zeros behind a condition',
      'lstm',
      'if c:',
      '  h = torch.zeros([1, 2, 3])',
      'else:',
      '  h = torch.squeeze(x, 0)',
      steps.replace('None', '(h, h)'),
    ],
    [
      'a state that is zeros behind the other condition alone',
      'lstm',
      'if c:',
      '  h = torch.squeeze(x, 0)',
      'else:',
      '  h = torch.zeros([1, 2, 3])',
      steps.replace('None', '(h, h)'),
    ],
    [
      'a cell without its state',
      'cell',
      'for t in range(torch.size(x, 1)):',
      '  h, c, = (cell).forward(torch.select(x, 1, t), None, )',
    ],
  ])
    test(`does more than layers one behind the other: ${what}`, () => {
      assert.equal(beyondOf(lines), expected);
    });

  test('does not call all of its modules', () => {
    const code = (read: string) =>
      `class Net(Module):\n  fc : ${torch}.linear.Linear\n  fc2 : ${torch}.linear.Linear\n  drop : ${torch}.dropout.Dropout\n` +
      `  def forward(self: __torch__.net.Net,\n    x: Tensor) -> Tensor:\n    fc = self.fc\n    ${read}\n    return (fc).forward(x, )\n`;
    const beyond = (read: string) => beyondModules(new Map([['code/__torch__/net.py', code(read)]]));
    assert.equal(beyond('pass'), 'fc2');
    assert.equal(beyond('fc2 = self.fc2'), undefined);
  });

  test('takes a state from outside', () => {
    const line = steps.replace('None', '(h, c)');
    assert.equal(beyondOf([line], { parameters: ['x: Tensor', 'h: Tensor', 'c: Tensor'] }), 'lstm');
    assert.equal(
      beyondOf([line], { parameters: ['x: Tensor', 'h: Optional[Tensor]=None', 'c: Optional[Tensor]=None'] }),
      undefined,
    );
  });

  for (const [what, ...lines] of [
    ['its last step', steps, last, 'return (fc).forward(z, )'],
    ['all of its parts', 'z = torch.slice(torch.slice(x, 0, 0, 9223372036854775807), 1)'],
    [
      'the last step by its number',
      steps,
      '_1 = torch.sub(torch.size(x, 1), 1)',
      'z = torch.select(y, 1, _1)',
    ],
    [
      'a state of zeros',
      'h = torch.to(torch.zeros([torch.mul(layers, 2), torch.size(x, 0), 8]), 6)',
      steps.replace('None', '(h, h)'),
    ],
    [
      'zeros of tracing',
      '_1 = ops.prim.NumToTensor(torch.size(x, 0))',
      'h = torch.zeros([1, int(_1), 8])',
      'y = (lstm).forward(x, h, )',
    ],
    [
      'another shape',
      'd = torch.view((fc).forward(torch.flatten(x, 1), ), [-1, 20])',
      'return torch.reshape(d, [torch.mul(layers, -1)])',
    ],
    [
      'a ReLU between linear layers',
      `h = ${functional}.relu((fc).forward(x, ), False, )`,
      'return (fc2).forward((drop).forward(h, ), )',
    ],
    [
      'a dropout',
      `_1 = ${functional}.dropout`,
      'x0 = _1((drop).forward(x, ), 0.5, False, False, )',
      'x1 = (drop).forward(x0, )',
    ],
    [
      'a cell over all steps',
      'h = torch.zeros([1, 8])',
      'h0 = h',
      'c0 = h',
      'for t in range(torch.size(x, 1)):',
      '  h1, c1, = (cell).forward(torch.select(torch.slice(x), 1, t), (h0, c0), )',
      '  h0, c0 = h1, c1',
      'return (fc).forward(h0, )',
    ],
  ])
    test(`is no more than layers with ${what}`, () => {
      assert.equal(beyondOf(lines), undefined);
    });

  test('has the zeros that a method of it returns', () => {
    const lines = ['h = (self).begin(torch.size(x, 0), )', steps.replace('None', '(h, h)')];
    const method = (made: string) => [
      '  def begin(self: __torch__.net.Net,',
      '    n: int) -> Tensor:',
      `    return torch.${made}([1, torch.mul(n, 2), 8])`,
    ];
    assert.equal(beyondOf(lines, { more: method('zeros') }), undefined);
    assert.equal(beyondOf(lines, { more: method('squeeze') }), 'lstm');
  });

  test('has the state of its one layer and direction by number', () => {
    const module = (layers: number, both: string) =>
      `class GRU(Module):\n  num_layers : Final[int] = ${layers}\n  bidirectional : Final[bool] = ${both}\n`;
    const net =
      `class Net(Module):\n  rnn : ${torch}.rnn.GRU\n  def forward(self: __torch__.net.Net,\n    x: Tensor) -> Tensor:\n` +
      '    rnn = self.rnn\n    _0, _1, = (rnn).forward__0(x, None, )\n    h, c, = _1\n    return torch.select(h, 0, 0)\n';
    const beyond = (layers: number, both: string) =>
      beyondModules(
        new Map([
          ['code/__torch__/torch/nn/modules/rnn.py', module(layers, both)],
          ['code/__torch__/net.py', net],
        ]),
      );
    assert.equal(beyond(1, 'False'), undefined);
    assert.equal(beyond(2, 'False'), 'torch.select');
    assert.equal(beyond(1, 'True'), 'torch.select');
  });

  test('leaves the place of a ReLU open where activations are modules, too', () => {
    const net =
      `class Net(Module):\n  fc : ${torch}.linear.Linear\n  fc2 : ${torch}.linear.Linear\n  def forward(self: __torch__.net.Net,\n` +
      '    x: Tensor) -> Tensor:\n    fc = self.fc\n    fc2 = self.fc2\n    return (fc2).forward(torch.relu((fc).forward(x, )), )\n';
    const beyond = (...files: string[]) =>
      beyondModules(new Map([['code/__torch__/net.py', net], ...files.map((file) => [file, ''] as const)]));
    assert.equal(beyond(), undefined);
    assert.equal(beyond('code/__torch__/torch/nn/modules/activation.py'), 'torch.relu');
  });

  test('may compute lengths with constants that are integers', () => {
    const lines = [
      '_1 = ops.prim.NumToTensor(torch.size(x, 1))',
      '_2 = int(torch.mul(_1, CONSTANTS.c0))',
      'y = torch.view(x, [_2, -1])',
    ];
    assert.equal(beyondOf(lines, { integers: ['CONSTANTS.c0'] }), undefined);
    assert.equal(beyondOf(lines), 'CONSTANTS.c0');
    assert.equal(
      beyondOf(['return torch.mul(x, CONSTANTS.c0)'], { integers: ['CONSTANTS.c0'] }),
      'torch.mul',
    );
  });
});
