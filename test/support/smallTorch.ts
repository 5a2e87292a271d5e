import { called, global, instance, orderedDict, type Pickled, type Special } from './pickle.ts';
import { randomFloats, seeded } from './random.ts';
import { parameter, type TorchZip, tensor } from './torchFile.ts';

const sizes: Readonly<Record<string, readonly number[]>> = {
  weight_ih_l0: [12, 2],
  weight_hh_l0: [12, 3],
  bias_ih_l0: [12],
  bias_hh_l0: [12],
};

/** Two LSTMs of three units: in a checkpoint with all that such hold, one of them beside views of one storage; or as whole modules. */
export function smallTorch(kind: 'checkpoint' | 'module'): TorchZip {
  const storages: Record<string, Buffer> = {};
  const next = seeded(11);
  const weights = (): Map<string, Special> => {
    const entries = Object.entries(sizes).map(([name, shape]) => {
      const storage = String(Object.keys(storages).length);
      const numel = shape.reduce((a, b) => a * b, 1);
      storages[storage] = Buffer.from(randomFloats(numel, next).buffer);
      return [name, tensor({ storage, numel, shape })] as const;
    });
    return new Map(entries);
  };
  const saved = kind === 'module' ? moduleOf(weights) : checkpointOf(weights);
  return { saved, storages, entries: [{ name: 'model/byteorder', bytes: Buffer.from('little') }] };
}

function checkpointOf(weights: () => Map<string, Special>): Pickled {
  const named = ['first', 'second'].flatMap((path) =>
    [...weights()].map(([name, value]) => [`${path}.${name}`, value] as const),
  );
  const optimizer = new Map<string, Pickled>([
    [
      'state',
      new Map([
        [
          0,
          new Map<string, Pickled>([
            ['step', 3],
            ['exp_avg', named[0][1]],
          ]),
        ],
      ]),
    ],
    [
      'param_groups',
      [
        new Map<string, Pickled>([
          ['lr', 1],
          ['params', [...named.keys()]],
        ]),
      ],
    ],
  ]);
  return new Map<string, Pickled>([
    ['epoch', 12],
    ['state_dict', orderedDict(new Map(named))],
    ['optimizer', optimizer],
    ['rng', called(global('numpy.core.multiarray', '_reconstruct'), [global('numpy', 'ndarray')], [1, 2])],
  ]);
}

function moduleOf(weights: () => Map<string, Special>): Pickled {
  const lstm = () =>
    instance(
      global('torch.nn.modules.rnn', 'LSTM'),
      new Map<string, Pickled>([
        ['_parameters', orderedDict(new Map([...weights()].map(([name, data]) => [name, parameter(data)])))],
        ['_buffers', orderedDict(new Map())],
        ['_modules', orderedDict(new Map())],
        ['hidden_size', 3],
        ['batch_first', true],
      ]),
    );
  return instance(
    global('my.models', 'Net'),
    new Map<string, Pickled>([
      ['_parameters', new Map()],
      ['_buffers', new Map()],
      [
        '_modules',
        new Map([
          ['first', lstm()],
          ['second', lstm()],
        ]),
      ],
    ]),
  );
}
