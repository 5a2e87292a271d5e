import type { ScriptCall } from './scriptCalls.ts';

/** A layer as a call of an operator has it. */
export interface CalledLayer {
  /** Class of the module in torch.nn that the operator is of. */
  readonly className: string;
  /** Its tensors as the call has them, by the names that they have in a module. */
  readonly tensors: ReadonlyMap<string, string>;
  readonly options: ReadonlyMap<string, unknown>;
}

const noTensors: ReadonlyMap<string, string> = new Map();
const noOptions: ReadonlyMap<string, unknown> = new Map();

/** Operators without weights that are layers of their own, by what they are in torch.nn. */
const activations: Readonly<Partial<Record<string, string>>> = {
  relu: 'ReLU',
  tanh: 'Tanh',
  sigmoid: 'Sigmoid',
  selu: 'SELU',
  silu: 'SiLU',
  softmax: 'Softmax',
  log_softmax: 'LogSoftmax',
};

/** Recurrent operators over whole sequences: the module, and what its activation is called. */
const sequences: Readonly<Partial<Record<string, readonly [className: string, nonlinearity?: string]>>> = {
  lstm: ['LSTM'],
  gru: ['GRU'],
  rnn_tanh: ['RNN', 'tanh'],
  rnn_relu: ['RNN', 'relu'],
};
const cells: typeof sequences = {
  lstm_cell: ['LSTMCell'],
  gru_cell: ['GRUCell'],
  rnn_tanh_cell: ['RNNCell', 'tanh'],
  rnn_relu_cell: ['RNNCell', 'relu'],
};

/**
 * Operators that change no value on its way from layer to layer, as those by which PyTorch's own modules check what they are given; what
 * they do to axes and steps is what a graph takes for granted.
 */
const harmless = new Set(
  (
    'size dim len list format device eq ne __not__ __contains__ __is__ __isnot__ ' +
    'zeros expand contiguous unsqueeze squeeze select slice to detach transpose permute'
  ).split(' '),
);

/** What Python itself has. */
const builtIn = new Set([
  'int',
  'float',
  'bool',
  'str',
  'range',
  'annotate',
  'unchecked_cast',
  'uninitialized',
]);

/** The last part of an operator's name, without the mark of those that work in place. */
function operatorOf(name: string): string | undefined {
  return /^torch\.(\w+?)_?$/.exec(name)?.[1];
}

/** Whether a call leaves the values of the model as they are. */
export function isHarmless({ name, args }: ScriptCall): boolean {
  if (name.startsWith('ops.prim.') || builtIn.has(name)) return true;
  const operator = /^torch\.(\w+)$/.exec(name)?.[1] ?? '';
  return harmless.has(operator) || (/^dropout_?$/.test(operator) && args.at(-1) === 'False');
}

/** Whether a call is of an operator that activates, be it one that no layer of a graph is taken for. */
export function isActivation({ name }: ScriptCall): boolean {
  const operator = operatorOf(name) ?? '';
  return activations[operator] !== undefined || /^(?:leaky_relu|elu|gelu|softplus)$/.test(operator);
}

/**
 * The layer that a call computes; undefined of what is none.
 * @param listOf the items of a list that is called so
 */
export function layerOf(
  { name, args }: ScriptCall,
  listOf: (text: string) => readonly string[] | undefined,
): CalledLayer | undefined {
  const operator = operatorOf(name) ?? '';
  const className = activations[operator];
  if (className !== undefined) return { className, tensors: noTensors, options: noOptions };
  if (operator === 'leaky_relu') {
    const slope = args.length > 1 ? Number(args[1]) : 0.01;
    return { className: 'LeakyReLU', tensors: noTensors, options: new Map([['negative_slope', slope]]) };
  }
  if (operator === 'embedding')
    return { className: 'Embedding', tensors: named(['weight'], args), options: noOptions };
  if (operator === 'linear')
    return { className: 'Linear', tensors: named(['weight', 'bias'], args.slice(1)), options: noOptions };
  if (operator === 'layer_norm')
    return {
      className: 'LayerNorm',
      tensors: named(['weight', 'bias'], args.slice(2)),
      options: epsilon(args[4]),
    };
  if (operator === 'batch_norm') {
    const parts = named(['weight', 'bias', 'running_mean', 'running_var'], args.slice(1));
    return { className: 'BatchNorm1d', tensors: parts, options: epsilon(args[7]) };
  }
  return cellOf(operator, args) ?? sequenceOf(operator, args, listOf);
}

/** (input, states, weight_ih, weight_hh, bias_ih, bias_hh) */
function cellOf(operator: string, args: readonly string[]): CalledLayer | undefined {
  const [className, nonlinearity] = cells[operator] ?? [];
  if (className === undefined) return undefined;
  const names = ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'];
  return { className, tensors: named(names, args.slice(2)), options: nonlinearityOption(nonlinearity) };
}

/**
 * (input, states, weights, has biases, layers, dropout, is trained, is bidirectional, batch first), or of packed sequences (values, batch
 * sizes, states, weights, …). The weights follow each other layer by layer and direction by direction, as those of torch.nn.LSTM do.
 */
function sequenceOf(
  operator: string,
  args: readonly string[],
  listOf: (text: string) => readonly string[] | undefined,
): CalledLayer | undefined {
  const [className, nonlinearity] = sequences[operator] ?? [];
  const at = weightsAt(args);
  const weights = listOf(args[at] ?? '');
  if (className === undefined || !weights) return undefined;
  const kinds = ['weight_ih', 'weight_hh', ...(args[at + 1] === 'True' ? ['bias_ih', 'bias_hh'] : [])];
  const directions = args[at + 5] === 'True' ? ['', '_reverse'] : [''];
  const groups = Number(args[at + 2]) * directions.length;
  if (weights.length === groups * (kinds.length + 1)) kinds.push('weight_hr');
  if (weights.length !== groups * kinds.length) return undefined;
  const names = weights.map((_, i) => {
    const group = Math.floor(i / kinds.length);
    const layer = Math.floor(group / directions.length);
    return `${kinds[i % kinds.length]}_l${layer}${directions[group % directions.length]}`;
  });
  return { className, tensors: named(names, weights), options: nonlinearityOption(nonlinearity) };
}

/** Where the weights of a recurrent operator over whole sequences stand: what follows them is whether they have biases. */
function weightsAt(args: readonly string[]): number {
  return /^(True|False)$/.test(args[3] ?? '') ? 2 : 3;
}

/** What a recurrent operator is given beside its weights. */
export interface RecurrentCall {
  readonly states: string;
  readonly isCell: boolean;
  readonly isDeep: boolean;
  readonly isBidirectional: boolean;
  readonly stepAxis: 0 | 1;
}

/** Undefined of other operators. */
export function recurrentCall({ name, args }: ScriptCall): RecurrentCall | undefined {
  const operator = operatorOf(name) ?? '';
  const isCell = cells[operator] !== undefined;
  if (!isCell && sequences[operator] === undefined) return undefined;
  const at = isCell ? 2 : weightsAt(args);
  return {
    isCell,
    states: args[at - 1] ?? '',
    isDeep: !isCell && args[at + 2] !== '1',
    isBidirectional: !isCell && args[at + 5] === 'True',
    stepAxis: args[at + 6] === 'True' ? 1 : 0,
  };
}

function named(names: readonly string[], values: readonly string[]): Map<string, string> {
  const present = names.map((name, i) => [name, values[i] ?? 'None'] as const);
  return new Map(present.filter(([, value]) => value !== 'None'));
}

function epsilon(text: string | undefined): ReadonlyMap<string, unknown> {
  return text === undefined ? noOptions : new Map([['eps', Number(text)]]);
}

function nonlinearityOption(nonlinearity: string | undefined): ReadonlyMap<string, unknown> {
  return nonlinearity === undefined ? noOptions : new Map([['nonlinearity', nonlinearity]]);
}
