import { global, instance, opcodes, type Pickled } from './pickle.ts';
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
export function tracedNorm(width: number): string {
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
