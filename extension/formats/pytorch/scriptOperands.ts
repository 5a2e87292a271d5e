import { entryOf } from '../entryOf.ts';
import { isTrue, numberIn, type ScriptValue } from './scriptValues.ts';

/** The layer of torch.nn whose weights an operator takes. */
export interface CalledLayer {
  readonly className: string;
  /** Of an RNN. */
  readonly nonlinearity?: 'relu' | 'tanh';
  /** What the code calls its weights, by the names that they have in a module. */
  readonly weights: ReadonlyMap<string, string>;
}

/** Recurrent operators over whole sequences; those of cells end in `_cell`. */
const recurrent: Readonly<Partial<Record<string, Omit<CalledLayer, 'weights'>>>> = {
  lstm: { className: 'LSTM' },
  gru: { className: 'GRU' },
  rnn_tanh: { className: 'RNN', nonlinearity: 'tanh' },
  rnn_relu: { className: 'RNN', nonlinearity: 'relu' },
};

/** Where the weights of other operators stand among what they are given. */
const plain: Readonly<
  Partial<Record<string, { className: string; from: number; names: readonly string[] }>>
> = {
  embedding: { className: 'Embedding', from: 0, names: ['weight'] },
  linear: { className: 'Linear', from: 1, names: ['weight', 'bias'] },
  conv1d: { className: 'Conv1d', from: 1, names: ['weight', 'bias'] },
  // As tracing writes it, of every number of axes.
  _convolution: { className: 'Conv1d', from: 1, names: ['weight', 'bias'] },
  _convolution_mode: { className: 'Conv1d', from: 1, names: ['weight', 'bias'] },
  layer_norm: { className: 'LayerNorm', from: 2, names: ['weight', 'bias'] },
  batch_norm: { className: 'BatchNorm1d', from: 1, names: ['weight', 'bias', 'running_mean', 'running_var'] },
};

const ofCells = ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'];

/** Whether an operator takes states beside its input. */
export function isRecurrent(operator: string): boolean {
  return entryOf(recurrent, operator.replace(/_cell$/, '')) !== undefined;
}

/** The layer that a call of an operator computes; undefined of none, and where its weights are computed. */
export function calledLayer(operator: string, args: readonly ScriptValue[]): CalledLayer | undefined {
  const own = entryOf(plain, operator);
  if (own) return withWeights({ className: own.className }, own.names, args.slice(own.from));
  const sequence = entryOf(recurrent, operator);
  if (sequence) return ofSequences(sequence, args);
  const cell = entryOf(recurrent, operator.replace(/_cell$/, ''));
  // (input, states, weights and biases)
  return cell && withWeights({ ...cell, className: `${cell.className}Cell` }, ofCells, args.slice(2));
}

/**
 * (input, states, weights, has biases, layers, dropout, is trained, is bidirectional, batch first), or of packed sequences (values, batch
 * sizes, states, weights, …). The weights follow each other layer by layer and direction by direction, as those of torch.nn.LSTM do.
 */
function ofSequences(
  layer: Omit<CalledLayer, 'weights'>,
  args: readonly ScriptValue[],
): CalledLayer | undefined {
  const [list, hasBiases, count, , , isBoth] = args.slice(args[3]?.is === 'truth' ? 2 : 3);
  if (list?.is !== 'items') return undefined;
  const kinds = ['weight_ih', 'weight_hh', ...(isTrue(hasBiases) ? ['bias_ih', 'bias_hh'] : [])];
  const directions = isTrue(isBoth) ? ['', '_reverse'] : [''];
  const groups = (numberIn(count) ?? 0) * directions.length;
  if (list.items.length === groups * (kinds.length + 1)) kinds.push('weight_hr');
  if (list.items.length !== groups * kinds.length) return undefined;
  const names = list.items.map((_, i) => {
    const group = Math.floor(i / kinds.length);
    const place = Math.floor(group / directions.length);
    return `${kinds[i % kinds.length]}_l${place}${directions[group % directions.length]}`;
  });
  return withWeights(layer, names, list.items);
}

function withWeights(
  layer: Omit<CalledLayer, 'weights'>,
  names: readonly string[],
  values: readonly ScriptValue[],
): CalledLayer | undefined {
  const weights = new Map<string, string>();
  for (const [i, name] of names.entries()) {
    const value = values[i] ?? { is: 'none' };
    if (value.is === 'weight') weights.set(name, value.name);
    else if (value.is !== 'none') return undefined;
  }
  return weights.size === 0 ? undefined : { ...layer, weights };
}
