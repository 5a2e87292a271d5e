/** Descriptions of models that may stand in a file. */
export const goodDescriptions: readonly { readonly $schema?: string; readonly layers: readonly unknown[] }[] =
  [
    { layers: [{ lstm: 'rnn' }] },
    {
      $schema: './schema.json',
      layers: [{ embedding: 'emb' }, { gru: 'a.b', dropout: 0.5 }, 'last', { linear: 'fc' }],
    },
    {
      layers: [
        { rnn: '', nonlinearity: 'relu' },
        'final',
        { batchNorm: 'bn', epsilon: 0.001 },
        'relu',
        { dropout: 0 },
      ],
    },
    {
      layers: [
        { lstm: 'rnn' },
        'mean',
        { layerNorm: 'ln' },
        { leakyRelu: 0.2 },
        { linear: 'fc' },
        'logSoftmax',
      ],
    },
    { layers: [{ lstm: 'rnn' }, { from: 1, to: -1 }, { linear: 'fc' }, { step: -2 }] },
    { layers: [{ embedding: 'emb', padding: 0 }, { lstm: 'rnn' }, 'final'] },
    { layers: [{ lstm: 'rnn', padding: -1.5 }, 'mean'] },
    { layers: [{ conv1d: 'c', padding: 'same', dilation: 2 }, { maxPool: 2 }, { lstm: 'rnn' }] },
    {
      layers: [
        { conv1d: 'c', padding: 1, stride: 2, groups: 4 },
        { averagePool: 3, stride: 1, padding: 1 },
      ],
    },
  ];

/** What may not, and what is said of it. */
export const wrongDescriptions: readonly (readonly [unknown, ...string[]])[] = [
  ['{', 'm.json does not describe the model'],
  [[], 'no JSON object'],
  [{}, 'no list "layers"'],
  [{ layers: [] }, 'no list "layers"'],
  [{ layers: { lstm: 'rnn' } }, 'no list "layers"'],
  [{ layers: [{ lstm: 'rnn' }], output: 1 }, '"output"', 'layers'],
  [{ layers: [{ lstm: 'rnn' }, 'first'] }, 'layers[1] is "first"', 'last'],
  [{ layers: [7] }, 'layers[0] is 7'],
  [{ layers: [{}] }, 'layers[0] is {}', 'embedding'],
  [{ layers: [{ conv: 'c' }] }, 'layers[0] is {"conv":"c"}', 'linear'],
  [{ layers: [{ constructor: 'c' }] }, 'layers[0] is'],
  [{ layers: [{ lstm: 5 }] }, 'layers[0].lstm is 5', 'text'],
  [{ layers: [{ lstm: 'rnn', nonlinearity: 'relu' }] }, '"layers[0].nonlinearity"', 'dropout'],
  [{ layers: [{ rnn: 'rnn', nonlinearity: 'selu' }] }, 'layers[0].nonlinearity is "selu"', 'tanh'],
  [{ layers: [{ gru: 'rnn', dropout: 1 }] }, 'layers[0].dropout is 1', 'below 1'],
  [{ layers: [{ embedding: 'emb', padding: 0.5 }] }, 'layers[0].padding is 0.5', 'whole number'],
  [{ layers: [{ linear: 'fc', padding: '0' }] }, 'layers[0].padding is "0"', 'a number'],
  [
    { layers: [{ conv1d: 'c', padding: 'valid' }] },
    'layers[0].padding is "valid"',
    '"same" or a whole number',
  ],
  [{ layers: [{ conv1d: 'c', stride: 0 }] }, 'layers[0].stride is 0', 'from 1'],
  [{ layers: [{ linear: 'fc', stride: 2 }] }, '"layers[0].stride"', 'padding'],
  [{ layers: [{ maxPool: 2, padding: 'same' }] }, 'layers[0].padding is "same"', 'whole number'],
  [{ layers: [{ averagePool: 2, dilation: 2 }] }, '"layers[0].dilation"', 'stride'],
  [{ layers: [{ lstm: 'rnn' }, { step: 0.5 }] }, 'layers[1].step is 0.5', 'whole number'],
  [{ layers: [{ lstm: 'rnn' }, { to: 2 }] }, 'layers[1] is {"to":2}', 'step'],
  [{ layers: [{ dropout: 2 }] }, 'layers[0].dropout is 2'],
  [{ layers: [{ dropout: 0.5, rate: 1 }] }, '"layers[0].rate"'],
  [{ layers: [{ linear: 'a', lstm: 'b' }] }, '"layers[0].', 'unknown key'],
];
