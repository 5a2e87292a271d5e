import type { DescribedKind, DescribedWord } from './modelDescription.ts';

/** What may stand in a description of a model, for completion. The English sentence is the key of the translation in l10n/. */
export const descriptionKeyTexts = {
  layers:
    'The layers in the order in which data goes through them. Data is batch first: sequences of token ids before an embedding, else of features.',
} as const;

export const describedWordTexts = {
  last: 'The output at the last step goes on: output[:, -1]. Of both directions, the backward one has read that step alone.',
  final: 'The final hidden states go on, those of both directions side by side: h_n of the last layer.',
  mean: 'The mean over all steps goes on; those of padding do not count.',
  max: 'The largest value over all steps goes on; those of padding do not count.',
  all: 'Every step goes on, which is so where nothing is said.',
  relu: 'ReLU, for every value.',
  tanh: 'Hyperbolic tangent, for every value.',
  sigmoid: 'Logistic sigmoid, for every value.',
  softmax: 'Softmax over the last axis.',
  logSoftmax: 'Logarithm of a softmax over the last axis.',
  gelu: 'GELU, for every value.',
  elu: 'ELU, for every value.',
  selu: 'SELU, for every value.',
  silu: 'SiLU (Swish), for every value.',
  leakyRelu: 'Leaky ReLU with a slope of 0.01 below 0.',
  softplus: 'Softplus, for every value.',
} as const satisfies Record<DescribedWord, string>;

export const describedKindTexts = {
  embedding: 'Name of an nn.Embedding in the file.',
  lstm: 'Name of an nn.LSTM or nn.LSTMCell in the file, with all its layers and directions.',
  gru: 'Name of an nn.GRU or nn.GRUCell in the file, with all its layers and directions.',
  rnn: 'Name of an nn.RNN or nn.RNNCell in the file, with all its layers and directions.',
  linear: 'Name of an nn.Linear in the file.',
  conv1d: 'Name of an nn.Conv1d in the file, which goes over the steps.',
  batchNorm: 'Name of an nn.BatchNorm1d in the file.',
  layerNorm: 'Name of an nn.LayerNorm in the file.',
} as const satisfies Record<DescribedKind, string>;

export const describedOptionTexts = {
  dropout:
    'Share of the values dropped while training; of a recurrent module between its layers. Default: 0.',
  nonlinearity: 'What the cells apply: tanh or relu. Default: tanh.',
  epsilon: 'Added to the variance. Default: 0.00001.',
  leakyRelu: 'Leaky ReLU with this slope below 0.',
  maxPool: 'The largest values of so many steps, as nn.MaxPool1d takes them.',
  averagePool: 'The means of so many steps, as nn.AvgPool1d takes them.',
  step: 'This step alone goes on: output[:, step]. Counted from 0, or from the end where it is below 0.',
  from: 'The steps from this one on go on: output[:, from:]. Counted from 0, or from the end where it is below 0.',
  to: 'The first step that does not go on any more: output[:, from:to]. Default: all to the end.',
  stride: 'Steps from one window to the next. Default: 1, where steps are summed up as many as a window has.',
  dilation: 'How far apart the steps are that a window sees. Default: 1.',
  groups: 'Parts of the channels that each see their own alone. Default: 1.',
  windowPadding: 'Steps that are put before the first and behind the last one. Default: 0.',
  padding:
    'Of the first layer: the token, or the value of all features, of steps that fill up shorter sequences at their ends, as pack_padded_sequence leaves them out. Default: every step counts.',
} as const;
