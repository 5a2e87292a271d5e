import { frozenLayers, layerKey } from '../../extension/formats/pytorch/frozenLayers.ts';
import { computedByCode } from '../../extension/formats/pytorch/scriptComputed.ts';
import type { CalledLayer } from '../../extension/formats/pytorch/scriptOperands.ts';
import { ScriptProgram } from '../../extension/formats/pytorch/scriptProgram.ts';
import { type DescribedLayer, layerText } from '../../extension/protocol/modelDescription.ts';

const torch = '__torch__.torch.nn.modules';
const attributes: Readonly<Record<string, string>> = {
  layers: 'int',
  emb: `${torch}.sparse.Embedding`,
  lstm: `${torch}.rnn.LSTM`,
  lstm2: `${torch}.rnn.LSTM`,
  both: `${torch}.rnn.GRU`,
  cell: `${torch}.rnn.LSTMCell`,
  conv: `${torch}.conv.Conv1d`,
  fc: `${torch}.linear.Linear`,
  fc2: `${torch}.linear.Linear`,
  drop: `${torch}.dropout.Dropout`,
};
const cellWeights = 'self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh';

/** Of PyTorch's own modules the lines that matter. */
const library: Readonly<Record<string, string>> = {
  rnn: `class LSTM(Module):
  _flat_weights : List[Tensor]
  training : bool
  def forward__0(self: ${torch}.rnn.LSTM,
    input: Tensor,
    hx: Optional[Tuple[Tensor, Tensor]]=None) -> Tuple[Tensor, Tuple[Tensor, Tensor]]:
    if torch.ne(torch.dim(input), 3):
      ops.prim.RaiseException("", "builtins.ValueError")
    else:
      pass
    if torch.__is__(hx, None):
      h = torch.zeros([1, torch.size(input, 0), 8], dtype=6)
      hx0 = (h, h)
    else:
      hx0 = unchecked_cast(Tuple[Tensor, Tensor], hx)
    a, b, = hx0
    y, h1, c1 = torch.lstm(input, [a, b], self._flat_weights, False, 1, 0., self.training, False, True)
    return (y, (h1, c1))
class GRU(Module):
  _flat_weights : List[Tensor]
  layers : Final[int] = 1
  def forward__0(self: ${torch}.rnn.GRU,
    input: Tensor) -> Tuple[Tensor, Tensor]:
    h = torch.zeros([2, torch.size(input, 0), 8])
    y, h1 = torch.gru(input, h, self._flat_weights, False, self.layers, 0., False, True, True)
    return (y, h1)
class LSTMCell(Module):
  weight_ih : Tensor
  weight_hh : Tensor
  bias_ih : Tensor
  bias_hh : Tensor
  def forward(self: ${torch}.rnn.LSTMCell,
    input: Tensor,
    hx: Tuple[Tensor, Tensor]) -> Tuple[Tensor, Tensor]:
    h, c, = hx
    h0, c0 = torch.lstm_cell(input, [h, c], ${cellWeights})
    return (h0, c0)
`,
  linear: `class Linear(Module):
  weight : Tensor
  bias : Tensor
  def forward(self: ${torch}.linear.Linear,
    input: Tensor) -> Tensor:
    return torch.linear(input, self.weight, self.bias)
`,
  conv: `class Conv1d(Module):
  weight : Tensor
  bias : Tensor
  def forward(self: ${torch}.conv.Conv1d,
    input: Tensor,
    padding: int=1) -> Tensor:
    return torch.conv1d(input, self.weight, self.bias, [1], [padding], [1])
`,
  sparse: `class Embedding(Module):
  weight : Tensor
  def forward(self: ${torch}.sparse.Embedding,
    input: Tensor) -> Tensor:
    return torch.embedding(self.weight, input, -1, False, False)
`,
  dropout: `class Dropout(Module):
  training : bool
  def forward(self: ${torch}.dropout.Dropout,
    input: Tensor) -> Tensor:
    return torch.dropout(input, 0.5, self.training)
`,
};

export interface ScriptedNet {
  /** With their types: `x: Tensor`. */
  readonly parameters?: readonly string[];
  /** Lines of further methods. */
  readonly more?: readonly string[];
  /** What the code calls constants. */
  readonly integers?: Readonly<Record<string, number>>;
  /** Further attributes, with their types. */
  readonly own?: Readonly<Record<string, string>>;
  /** Width of fc. */
  readonly width?: number;
}

/** What a class computes whose method has these lines, and whose variables `lstm`, `fc`, … are its modules: a layer each, or what is more. */
export function computedOf(
  lines: readonly string[],
  { parameters = ['x: Tensor'], more = [], integers = {}, own = {}, width = 5 }: ScriptedNet = {},
): string[] | string {
  const names = Object.keys(attributes);
  const code = [
    'class Net(Module):',
    ...Object.entries({ ...attributes, ...own }).map((entry) => `  ${entry.join(' : ')}`),
    '  def forward(self: __torch__.net.Net,',
    `    ${parameters.join(',\n    ')}) -> Tensor:`,
    ...[...names.map((name) => `${name} = self.${name}`), ...lines].map((line) => `    ${line}`),
    ...more,
  ];
  // What calls an embedding takes tokens.
  const used = Object.entries(library).filter(
    ([name]) => name !== 'sparse' || lines.some((line) => line.includes('(emb)')),
  );
  const sources = new Map(used.map(([name, text]) => [`code/__torch__/torch/nn/modules/${name}.py`, text]));
  sources.set('code/__torch__/net.py', `${code.join('\n')}\n`);
  const facts = {
    layerOf: ({ weights: [[, first]] }: CalledLayer) => first.slice(0, first.lastIndexOf('.')),
    shapeOf: (name: string) =>
      name.startsWith('fc.') ? [width, 8] : name.startsWith('conv.') ? [8, 8, 3] : [8, 8],
    weightsOf: (path: string) => {
      const kernels = [
        'weight_ih_l0',
        'weight_hh_l0',
        ...(path === 'both' ? ['weight_ih_l1', 'weight_hh_l1'] : []),
      ];
      return kernels.map((name) => `${path}.${name}`);
    },
    optionOf: (_: string, name: string) => (name === 'layers' ? 2 : undefined),
    integers: new Map(Object.entries(integers)),
  };
  return shown(computedByCode(new ScriptProgram(sources), '__torch__.net.Net', facts));
}

/** The same of a frozen function, whose layers are named by their kinds. */
export function computedOfFrozen(lines: readonly string[]): string[] | string {
  const code = `class Net(Module):\n  def forward(self, x: Tensor) -> Tensor:\n    ${lines.join('\n    ')}\n`;
  const program = new ScriptProgram(new Map([['code/__torch__/net.py', code]]));
  const names = new Map([...frozenLayers(program)].map(([name, layer]) => [layerKey(layer), name]));
  const facts = {
    layerOf: (layer: CalledLayer) => names.get(layerKey(layer)),
    shapeOf: () => undefined,
    weightsOf: () => [],
    optionOf: () => undefined,
    integers: new Map<string, number>(),
  };
  return shown(computedByCode(program, '__torch__.net.Net', facts));
}

function shown(computed: ReturnType<typeof computedByCode>): string[] | string {
  return 'beyond' in computed ? computed.beyond : computed.layers.map(short);
}

/** `lstm`, `last`, `dropout 0.5` */
function short(layer: DescribedLayer): string {
  if (typeof layer === 'string') return layer;
  return 'kind' in layer
    ? layer.name
    : layerText(layer)
        .replace(/[{}":]/g, '')
        .trim();
}
