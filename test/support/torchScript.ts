import { global, instance, opcodes, type Pickled, pickle, tuple } from './pickle.ts';
import { randomFloats, seeded } from './random.ts';
import { tensor, torchZip } from './torchFile.ts';

/** Sizes of an LSTM as its compiled code has them. */
export interface ScriptSizes {
  readonly layers: number;
  readonly inputs: number;
  readonly units: number;
}

/** What TorchScript makes of torch.nn.LSTM, but for lines that say no size. */
export function scriptedLstm({ layers, inputs, units }: ScriptSizes): string {
  return `class LSTM(Module):
  num_layers : Final[int] = ${layers}
  hidden_size : Final[int] = ${units}
  input_size : Final[int] = ${inputs}
  dropout : Final[float] = 0.25
  batch_first : Final[bool] = True
  mode : Final[str] = "LSTM"
  def forward(self, input: Tensor) -> Tensor:
    _0 = "expected ${units}, got {}"
    h_zeros = torch.zeros([2, max_batch_size, ${units}], dtype=_7)
    if torch.ne(${inputs}, torch.size(input, -1)):
      _51 = torch.format(_48, ${inputs}, torch.size(input, -1))
    return (2, mini_batch, ${units})
def free(x: Tensor) -> Tensor:
  return torch.mul(x, 1e-07)
`;
}

/** What tracing makes of torch.nn.LayerNorm. */
function tracedNorm(width: number): string {
  return `class LayerNorm(Module):\n    y = torch.layer_norm(input, [${width}], weight, bias, 1e-03)\n`;
}

const [inputs, units] = [5, 11];

/** An archive of a module with an LSTM, a dense layer and a normalization behind each other, whose sizes stand in the code, too. */
export function scriptArchive(): Buffer {
  const storages: Record<string, Buffer> = {};
  const next = seeded(13);
  const weights = (shapes: Readonly<Record<string, readonly number[]>>): [string, Pickled][] =>
    Object.entries(shapes).map(([name, shape]) => {
      const storage = String(Object.keys(storages).length);
      const numel = shape.reduce((a, b) => a * b, 1);
      storages[storage] = Buffer.from(randomFloats(numel, next).buffer);
      return [name, tensor({ storage, numel, shape })];
    });
  const module = (place: string, name: string, attributes: readonly [string, Pickled][]): Pickled =>
    instance(
      global(`__torch__.${place}`, name),
      new Map<string, Pickled>([['training', false], ...attributes]),
    );
  const rows = 4 * units;
  const lstm = weights({
    weight_ih_l0: [rows, inputs],
    weight_hh_l0: [rows, units],
    bias_ih_l0: [rows],
    bias_hh_l0: [rows],
  });
  const saved = module('net', 'Net', [
    ['rnn', module('torch.nn.modules.rnn', 'LSTM', lstm)],
    ['fc', module('torch.nn.modules.linear', 'Linear', weights({ weight: [2, units], bias: [2] }))],
    ['norm', module('torch.nn.modules.normalization', 'LayerNorm', weights({ weight: [2], bias: [2] }))],
  ]);
  const sources = {
    'torch/nn/modules/rnn': scriptedLstm({ layers: 1, inputs, units }),
    'torch/nn/modules/normalization': tracedNorm(2),
    'torch/nn/modules/linear':
      'class Linear(Module):\n  def forward(self, x):\n    return torch.linear(x, w, b)\n',
    net: 'class Net(Module):\n  rnn : __torch__.torch.nn.modules.rnn.LSTM\n  def forward(self, x):\n    return (0.5)\n',
  };
  const none = Buffer.concat([Buffer.from([0x80, 2]), opcodes([]), Buffer.from('.')]);
  return torchZip({
    saved,
    storages,
    entries: [
      { name: 'model/byteorder', bytes: Buffer.from('little') },
      { name: 'model/constants.pkl', bytes: none },
      ...Object.entries(sources).map(([name, code]) => ({
        name: `model/code/__torch__/${name}.py`,
        bytes: Buffer.from(code),
      })),
    ],
  });
}

/** Frozen code: an LSTM of one unit over two features, and a linear layer of its weights, which are the tensors of constants.pkl. */
export const frozenCode = `class Net(Module):
  def forward(self, x: Tensor) -> Tensor:
    _0 = [CONSTANTS.c0, CONSTANTS.c1, CONSTANTS.c2, CONSTANTS.c2]
    hx = torch.zeros([1, torch.size(x, 0), 1], dtype=6)
    _1, _2, _3 = torch.lstm(x, [hx, hx], _0, True, 1, 0., False, False, True)
    return torch.linear(torch.select(torch.slice(_1), 1, -1), CONSTANTS.c3)
`;

/** An archive without modules, as torch.jit.freeze leaves it. */
export function frozenArchive(code = frozenCode): Buffer {
  const shapes = [[4, 2], [4, 1], [4], [1, 1]];
  const next = seeded(17);
  const numels = shapes.map((shape) => shape.reduce((a, b) => a * b, 1));
  const constants = shapes.map((shape, i) => tensor({ storage: String(i), numel: numels[i], shape }));
  return torchZip({
    saved: instance(global('__torch__.net', 'Net'), new Map()),
    storages: {},
    entries: [
      { name: 'model/constants.pkl', bytes: pickle(tuple(...constants)) },
      ...numels.map((numel, i) => ({
        name: `model/constants/${i}`,
        bytes: Buffer.from(randomFloats(numel, next).buffer),
      })),
      { name: 'model/code/__torch__/net.py', bytes: Buffer.from(code) },
    ],
  });
}
