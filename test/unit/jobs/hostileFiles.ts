import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { memoised, moduleAround, nested, setOf, shared, withOdd } from '../../support/hostilePickles.ts';
import { archiveWeightsBytes, writeKerasArchive, writeKerasH5 } from '../../support/kerasFile.ts';
import { externalTensor, model, node, value } from '../../support/onnxFile.ts';
import { called, global, instance, type Pickled } from '../../support/pickle.ts';
import { safetensorsFile, shardedFiles, smallStack } from '../../support/safetensorsFile.ts';
import { smallSavedModel, writeSavedModel } from '../../support/savedModelFolder.ts';
import { smallArchive, smallLegacy } from '../../support/smallModels.ts';
import { smallTorch } from '../../support/smallTorch.ts';
import { smallTfjs, writeTfjs } from '../../support/tfjsModel.ts';
import { type TorchZip, torchLegacy, torchZip } from '../../support/torchFile.ts';
import { zipBytes } from '../../support/zip.ts';

/** Where a hostile model stands. */
interface Place {
  /** Its folder. */
  readonly folder: string;
  /** A file beside that folder, which is none of its business, and what it leads to from inside. */
  readonly victim: string;
  /** Is not there, unless code was run. */
  readonly marker: string;
}

type Hostile = (place: Place) => string | Promise<string>;

/** A file of a folder, which may be given as it is. */
export function put(folder: string, name: string, bytes: Buffer | string): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

/** A checkpoint that wants a command run before it is what it seems. */
function commanding({ marker }: Place): TorchZip {
  const { saved, ...others } = smallTorch('checkpoint');
  const run = called(global('posix', 'system'), [`touch ${marker}`]);
  const written = called(global('builtins', 'exec'), [`open(${JSON.stringify(marker)}, 'w')`]);
  const entries = saved as ReadonlyMap<string, Pickled>;
  return { ...others, saved: new Map<string, Pickled>([['run', run], ...entries, ['exec', written]]) };
}

/** Python's code of a layer, marshalled, as Keras stores that of a Lambda; what it says is never read. */
const lambda = {
  class_name: 'Lambda',
  config: { name: 'lambda', function: ['4wEAAAAAAAAA', null, null], function_type: 'lambda', arguments: {} },
};

function withLambda(config: object | string): object {
  const { class_name, config: own } = config as { class_name: string; config: { layers: object[] } };
  return { class_name, config: { ...own, layers: [...own.layers, lambda] } };
}

function onnxOver(folder: string, location: string): string {
  const place = (offset: number, length: number) => ({
    location,
    offset: String(offset),
    length: String(length),
  });
  const bytes = model({
    nodes: [node('GRU', ['X', 'W', 'R'], ['Y'], [], { name: 'rnn' })],
    initializers: [
      externalTensor('W', [1, 6, 3], place(0, 72)),
      externalTensor('R', [1, 6, 2], place(72, 48)),
    ],
    inputs: [value('X', ['time', 'batch', 3])],
    outputs: [value('Y', ['time', 1, 'batch', 2])],
  });
  return put(folder, 'm.onnx', bytes);
}

function shardsAt(folder: string, name: string): string {
  const [index, file] = Object.entries(shardedFiles(smallStack()));
  const map = JSON.parse(index[1].toString()) as { weight_map: Record<string, string> };
  for (const key of Object.keys(map.weight_map)) map.weight_map[key] = name;
  put(folder, file[0], file[1]);
  return put(folder, index[0], JSON.stringify(map));
}

/** What becomes of each: a code, or nothing where it is pruned like any other. */
export const hostile: Readonly<Record<string, readonly [make: Hostile, code?: string]>> = {
  'a pickle that runs commands': [(place) => put(place.folder, 'm.pt', torchZip(commanding(place)))],
  'a legacy file that runs commands': [(place) => put(place.folder, 'm.pt', torchLegacy(commanding(place)))],
  'a pickle of modules nested in lists 3000 deep': [
    ({ folder }) => put(folder, 'm.pt', torchZip(withOdd(nested(3000, (inner) => moduleAround([inner]))))),
  ],
  'a pickle of modules to which there are countless ways': [
    ({ folder }) => put(folder, 'm.pt', torchZip(withOdd(nested(60, shared)))),
  ],
  'a pickle of a module with 200,000 attributes': [
    ({ folder }) => {
      const attributes = Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`a${i}`, null]));
      return put(folder, 'm.pt', torchZip(withOdd(moduleAround([], attributes))));
    },
  ],
  'a pickle with a list of 200,000 beside a module': [
    ({ folder }) =>
      put(folder, 'm.pt', torchZip(withOdd(moduleAround(Array.from({ length: 200_000 }, () => 0))))),
  ],
  'a pickle of 2000 modules with one set of 20,000 names': [
    ({ folder }) => {
      const [names, again] = memoised(setOf([...Array(20_000).keys()]), 0);
      const modules = Array.from({ length: 2000 }, () =>
        moduleAround([], { _non_persistent_buffers_set: again }),
      );
      return put(folder, 'm.pt', torchZip(withOdd(moduleAround([names, ...modules]))));
    },
  ],
  'a pickle of a class whose name is all but that of a quantised one': [
    ({ folder }) => {
      const odd = instance(global(`${'torch.nn.'.repeat(20_000)}x`, 'Foo'), new Map());
      return put(folder, 'm.pt', torchZip(withOdd(odd)));
    },
  ],
  'an archive of PyTorch with entries that lead out of it': [
    ({ folder }) => {
      const entries = [{ name: 'model/../../victim', bytes: Buffer.from('slipped') }];
      return put(folder, 'm.pt', torchZip({ ...smallTorch('checkpoint'), entries }));
    },
    'fileDamaged',
  ],
  'a .keras file with entries that lead out of it': [
    ({ folder }) =>
      writeKerasArchive(join(folder, 'm.keras'), {
        ...smallArchive(),
        behind: [{ name: '../victim', bytes: Buffer.from('slipped') }],
      }),
    'fileDamaged',
  ],
  'a .keras file with an absolute entry': [
    ({ folder, victim }) =>
      writeKerasArchive(join(folder, 'm.keras'), {
        ...smallArchive(),
        before: [{ name: victim, bytes: Buffer.from('slipped') }],
      }),
    'fileDamaged',
  ],
  'a .keras file whose entry is longer than it says': [
    async ({ folder }) => {
      const { config, groups } = smallArchive();
      const weights = await archiveWeightsBytes(join(folder, 'part'), groups);
      const bomb = Buffer.concat([weights, Buffer.alloc(64 * 2 ** 20)]);
      const bytes = zipBytes([
        { name: 'metadata.json', bytes: Buffer.from('{"keras_version":"3.15.0"}') },
        { name: 'config.json', bytes: Buffer.from(JSON.stringify(config)) },
        { name: 'model.weights.h5', bytes: bomb, deflate: true, claimedSize: weights.length },
      ]);
      return put(folder, 'm.keras', bytes);
    },
    'fileDamaged',
  ],
  'a .keras file whose weights would fill the disk': [
    async ({ folder }) => {
      const { config, groups } = smallArchive();
      const weights = await archiveWeightsBytes(join(folder, 'part'), groups);
      const bytes = zipBytes([
        { name: 'metadata.json', bytes: Buffer.from('{"keras_version":"3.15.0"}') },
        { name: 'config.json', bytes: Buffer.from(JSON.stringify(config)) },
        { name: 'model.weights.h5', bytes: weights, deflate: true, claimedSize: 3 * 2 ** 30 },
      ]);
      return put(folder, 'm.keras', bytes);
    },
    'tooLarge',
  ],
  'an HDF5 file with a Lambda': [
    ({ folder }) =>
      writeKerasH5(join(folder, 'm.h5'), { ...smallLegacy(), config: withLambda(smallLegacy().config) }),
  ],
  'a .keras file with a Lambda': [
    ({ folder }) =>
      writeKerasArchive(join(folder, 'm.keras'), {
        ...smallArchive(),
        config: withLambda(smallArchive().config),
      }),
  ],
  'an ONNX model whose weights lie above it': [({ folder }) => onnxOver(folder, '../victim'), 'fileDamaged'],
  'an ONNX model whose weights lie at an absolute path': [
    ({ folder, victim }) => onnxOver(folder, victim),
    'fileDamaged',
  ],
  'an ONNX model whose weights lie behind a link out of its folder': [
    ({ folder, victim }) => {
      symlinkSync(victim, join(folder, 'weights'));
      return onnxOver(folder, 'weights');
    },
    'externalLink',
  ],
  'a list of safetensors files above it': [({ folder }) => shardsAt(folder, '../victim'), 'fileDamaged'],
  'a list of safetensors files at an absolute path': [
    ({ folder, victim }) => shardsAt(folder, victim),
    'fileDamaged',
  ],
  'a list of HDF5 files above it': [
    ({ folder }) =>
      put(folder, 'm.weights.json', JSON.stringify({ weight_map: { '/layers/lstm/vars': ['../victim'] } })),
    'fileDamaged',
  ],
  'a model of TensorFlow.js whose weights lie above it': [
    ({ folder, victim }) => {
      const before = readFileSync(victim);
      const path = writeTfjs(folder, smallTfjs(1, { paths: [['../victim'], ['b.bin']] }));
      writeFileSync(victim, before);
      return path;
    },
    'fileDamaged',
  ],
  'a SavedModel with a link to elsewhere': [
    ({ folder, victim }) => {
      const path = writeSavedModel(folder, { ...smallSavedModel() });
      mkdirSync(join(folder, 'assets'));
      symlinkSync(victim, join(folder, 'assets', 'words.txt'));
      return path;
    },
  ],
  'a file that is itself a link': [
    ({ folder }) => {
      const real = put(folder, 'real', safetensorsFile(smallStack()));
      symlinkSync(real, join(folder, 'm.safetensors'));
      return join(folder, 'm.safetensors');
    },
  ],
};
