import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tracedCell } from '../../../extension/formats/pytorch/scriptCells.ts';
import { ScriptProgram } from '../../../extension/formats/pytorch/scriptProgram.ts';

const rnn = '__torch__.torch.nn.modules.rnn';

/** What a method of a class of these lines is told to be. */
function told(className: string, parameters: readonly string[], ...lines: readonly string[]) {
  const name = className.slice(className.lastIndexOf('.') + 1);
  const signature = ['self', ...parameters].map((one) => `    ${one}: Tensor`).join(',\n');
  const code = `class ${name}(Module):\n  def forward(\n${signature}) -> Tensor:\n    ${lines.join('\n    ')}\n`;
  const module = className.slice('__torch__.'.length, className.lastIndexOf('.')).replaceAll('.', '/');
  const program = new ScriptProgram(new Map([[`code/__torch__/${module}.py`, code]]));
  const found = program.functionOf(`${className}.forward`);
  assert.ok(found);
  return tracedCell(className, found);
}

const sums = [
  'weight_ih = self.weight_ih',
  'h0 = torch.linear(h, self.weight_hh, self.bias_hh)',
  'x0 = torch.linear(x, weight_ih, self.bias_ih)',
];
const gates = [
  ...sums,
  'i, f, g, o, = torch.unsafe_chunk(torch.add_(x0, h0), 4, 1)',
  'c1 = torch.add_(torch.mul(torch.sigmoid_(f), c), torch.mul(torch.sigmoid_(i), torch.tanh_(g)))',
];
const hidden = 'torch.mul(torch.sigmoid_(o), torch.tanh(c1))';

test('arithmetic that tracing has left of a cell is that cell, whatever it returns of its states', () => {
  const lstm = { operator: 'lstm_cell', input: 'x', states: ['h', 'c'], hasBiases: true };
  const both = told(`${rnn}.LSTMCell`, ['h', 'x', 'c'], ...gates, `_1 = (${hidden}, c1)`, 'return _1');
  assert.deepEqual(both, { ...lstm, returns: [0, 1] });
  const one = told(`${rnn}.LSTMCell`, ['h', 'x', 'c'], ...gates, `return ${hidden}`);
  assert.deepEqual(one, { ...lstm, returns: [0] });
  const begun = told(
    `${rnn}.___torch_mangle_3.RNNCell`,
    ['x'],
    'h = torch.zeros([torch.size(x, 0), 8])',
    'return torch.relu(torch.add_(torch.linear(h, self.weight_hh), torch.linear(x, self.weight_ih)))',
  );
  const rectified = { operator: 'rnn_relu_cell', input: 'x', states: ['zeros'], hasBiases: false };
  assert.deepEqual(begun, { ...rectified, returns: [0] });
});

test('arithmetic that is another one, or of another class, is none', () => {
  const sum = 'torch.add_(h0, x0)';
  assert.equal(told(`${rnn}.RNNCell`, ['x', 'h'], ...sums, `return torch.sigmoid(${sum})`), undefined);
  assert.equal(
    told(`${rnn}.RNNCell`, ['x', 'h'], ...sums, `return torch.mul(torch.tanh(${sum}), 2)`),
    undefined,
  );
  const changed = ['y = torch.relu_(x)', ...sums, `return torch.tanh(${sum})`];
  assert.equal(told(`${rnn}.RNNCell`, ['x', 'h'], ...changed), undefined);
  assert.equal(told('__torch__.net.RNNCell', ['x', 'h'], ...sums, `return torch.tanh(${sum})`), undefined);
  assert.equal(
    told(`${rnn}.LSTMCell`, ['h', 'x', 'c'], ...gates, 'return torch.mul(torch.sigmoid_(i), c1)'),
    undefined,
  );
});

test('arithmetic that doubles with every line is given up', () => {
  const lines = Array.from({ length: 60 }, () => 'x = torch.add(x, x)');
  assert.equal(told(`${rnn}.RNNCell`, ['x', 'h'], ...lines, 'return x'), undefined);
});
