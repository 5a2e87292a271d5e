import type { ScriptCall } from './scriptCalls.ts';

/** A layer as a call of an operator has it. */
export interface CalledLayer {
  /** Class of the module in torch.nn that the operator is of. */
  readonly className: string;
  /** Its tensors as the call has them, by the names that they have in a module. */
  readonly tensors: ReadonlyMap<string, string>;
}

/** Recurrent operators over whole sequences, by their modules. */
const sequences: Readonly<Partial<Record<string, string>>> = {
  lstm: 'LSTM',
  gru: 'GRU',
  rnn_tanh: 'RNN',
  rnn_relu: 'RNN',
};

/** Where tensors of other operators stand among what they are given. */
const tensorsOf: Readonly<
  Partial<Record<string, { className: string; names: readonly string[]; from: number }>>
> = {
  embedding: { className: 'Embedding', names: ['weight'], from: 0 },
  linear: { className: 'Linear', names: ['weight', 'bias'], from: 1 },
  layer_norm: { className: 'LayerNorm', names: ['weight', 'bias'], from: 2 },
  batch_norm: { className: 'BatchNorm1d', names: ['weight', 'bias', 'running_mean', 'running_var'], from: 1 },
};

/** The last part of an operator's name, without the mark of those that work in place. */
function operatorOf(name: string): string | undefined {
  return /^torch\.(\w+?)_?$/.exec(name)?.[1];
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
  const at = tensorsOf[operator];
  if (at) return { className: at.className, tensors: named(at.names, args.slice(at.from)) };
  return cellOf(operator, args) ?? sequenceOf(operator, args, listOf);
}

/** (input, states, weight_ih, weight_hh, bias_ih, bias_hh) */
function cellOf(operator: string, args: readonly string[]): CalledLayer | undefined {
  const className = /_cell$/.test(operator) ? sequences[operator.replace(/_cell$/, '')] : undefined;
  if (className === undefined) return undefined;
  const names = ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'];
  return { className: `${className}Cell`, tensors: named(names, args.slice(2)) };
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
  const className = sequences[operator];
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
  return { className, tensors: named(names, weights) };
}

/** Where the weights of a recurrent operator over whole sequences stand: what follows them is whether they have biases. */
function weightsAt(args: readonly string[]): number {
  return /^(True|False)$/.test(args[3] ?? '') ? 2 : 3;
}

function named(names: readonly string[], values: readonly string[]): Map<string, string> {
  const present = names.map((name, i) => [name, values[i] ?? 'None'] as const);
  return new Map(present.filter(([, value]) => value !== 'None'));
}
