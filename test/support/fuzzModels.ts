import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describedStack, oneStack, shardedStack } from './fuzzStateDicts.ts';
import { type ArchiveGroup, archiveWeightsBytes, writeKerasArchive, writeKerasH5 } from './kerasFile.ts';
import { computedModel, evaluableModel, externalModel, manyPartedModel } from './onnxModels.ts';
import { root } from './paths.ts';
import { randomFloats, seeded } from './random.ts';
import { smallSavedModel, writeSavedModel } from './savedModelFolder.ts';
import { smallArchive, smallLegacy } from './smallModels.ts';
import { smallTorch } from './smallTorch.ts';
import { functional, groupOf, keras3Layer, sequenceLstm } from './stackedArchive.ts';
import { smallGraphModel } from './tfjsGraph.ts';
import { quantizedTfjs, smallTfjs, writeTfjs } from './tfjsModel.ts';
import { smallTflite, tfliteBytes } from './tfliteFile.ts';
import { integerTflite } from './tfliteIntegers.ts';
import { torchLegacy, torchZip } from './torchFile.ts';
import { frozenArchive, scriptArchive } from './torchScript.ts';
import { writeTorchShards } from './torchShards.ts';

/** Writes a model into an empty folder; gives its main file. */
export type FuzzModel = (folder: string) => string | Promise<string>;

const next = seeded(5);

function weight(name: string, ...shape: number[]) {
  const values = randomFloats(
    shape.reduce((a, b) => a * b, 1),
    next,
  );
  return { name, shape, values };
}

function written(folder: string, files: Readonly<Record<string, Buffer>>): string {
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return join(folder, Object.keys(files)[0]);
}

/** An LSTM and a GRU as Keras 1 writes them: an array a gate. */
function keras1(folder: string): Promise<string> {
  const arrays = (name: string, gates: string, inputs: number) =>
    [...gates].flatMap((gate) => [
      weight(`${name}_W_${gate}`, inputs, 2),
      weight(`${name}_U_${gate}`, 2, 2),
      weight(`${name}_b_${gate}`, 2),
    ]);
  const config = { activation: 'tanh', inner_activation: 'hard_sigmoid', output_dim: 2 };
  return writeKerasH5(join(folder, 'keras1.h5'), {
    config: {
      class_name: 'Sequential',
      config: [
        {
          class_name: 'LSTM',
          config: { ...config, name: 'lstm_1', input_dim: 3, input_length: 4, return_sequences: true },
        },
        { class_name: 'GRU', config: { ...config, name: 'gru_1', input_dim: 2 } },
      ],
    },
    layers: [
      { name: 'lstm_1', weights: arrays('lstm_1', 'icfo', 3) },
      { name: 'gru_1', weights: arrays('gru_1', 'zrh', 2) },
    ],
  });
}

/** A functional model of Keras 3 with layers of several inputs, normalisation, pooling, a convolution and attention. */
function manyLayered(folder: string): Promise<string> {
  const { lstm, dense, normalization } = groupOf;
  const layers = [
    keras3Layer('Masking', 'masking', { mask_value: 0 }, 'x'),
    keras3Layer('LSTM', 'lower', sequenceLstm, 'masking'),
    keras3Layer('LSTM', 'upper', { ...sequenceLstm, go_backwards: true }, 'lower'),
    keras3Layer('Add', 'add', {}, 'lower', 'upper'),
    keras3Layer('LayerNormalization', 'norm', { axis: -1, epsilon: 0.001 }, 'add'),
    keras3Layer(
      'Attention',
      'attention',
      { use_scale: false, score_mode: 'dot', dropout: 0 },
      'norm',
      'lower',
    ),
    keras3Layer('Concatenate', 'joined', { axis: 1 }, 'attention', 'norm'),
    keras3Layer('GlobalAveragePooling1D', 'mean', { data_format: 'channels_last' }, 'joined'),
    keras3Layer('Dropout', 'dropout', { rate: 0.5 }, 'mean'),
    keras3Layer('Dense', 'dense', { units: 2, activation: 'softmax' }, 'dropout'),
  ];
  return writeKerasArchive(join(folder, 'many.keras'), {
    config: functional(layers, 'dense'),
    groups: [
      lstm('lstm', 'lower'),
      lstm('lstm_1', 'upper'),
      normalization('layer_normalization', 'norm'),
      dense('dense', 'dense'),
    ],
  });
}

const cell: ArchiveGroup = {
  path: 'layers/lstm/cell',
  name: 'lstm',
  weights: [weight('', 3, 8), weight('', 2, 8), weight('', 8)],
};
const head: ArchiveGroup = {
  path: 'layers/dense',
  name: 'dense',
  weights: [weight('', 2, 1), weight('', 1)],
};

async function weightsOnly(folder: string): Promise<string> {
  const path = join(folder, 'm.weights.h5');
  return written(folder, { 'm.weights.h5': await archiveWeightsBytes(path, [cell, head]) });
}

async function shardedWeights(folder: string): Promise<string> {
  const part = join(folder, 'part');
  const names = ['m_00000.weights.h5', 'm_00001.weights.h5'];
  const map = {
    metadata: { total_size: 1 },
    weight_map: { '/layers/lstm/cell/vars': [names[0]], '/layers/dense/vars': [names[1]] },
  };
  return written(folder, {
    'm.weights.json': Buffer.from(JSON.stringify(map)),
    [names[0]]: await archiveWeightsBytes(part, [cell]),
    [names[1]]: await archiveWeightsBytes(part, [head]),
  });
}

function external(folder: string): string {
  const { main, weights } = externalModel();
  return written(folder, { 'external.onnx': main, 'weights.bin': weights });
}

/** A model of every kind that is read, small and whole. */
export const fuzzModels: Readonly<Record<string, FuzzModel>> = {
  'HDF5 files of Keras 2': (folder) => writeKerasH5(join(folder, 'good.h5'), smallLegacy()),
  // Written by h5py, whose usual layout has no checksums.
  'HDF5 files of the older layout': (folder) => {
    const path = join(folder, 'half.h5');
    cpSync(join(root, 'test/fixtures/halfFloats.h5'), path);
    return path;
  },
  'HDF5 files of Keras 1': keras1,
  '.keras files': (folder) => writeKerasArchive(join(folder, 'good.keras'), smallArchive()),
  '.keras files of many layers': manyLayered,
  'files of weights of Keras': (folder) =>
    writeKerasH5(join(folder, 'listed.h5'), { ...smallLegacy(), weightsOnly: true }),
  'files of weights of Keras 3': weightsOnly,
  'weights of Keras 3 in several files': shardedWeights,
  'layers models of TensorFlow.js': (folder) => writeTfjs(folder, smallTfjs(1, { shardBytes: 33 })),
  'quantised layers models of TensorFlow.js': (folder) => writeTfjs(folder, quantizedTfjs()),
  'graph models of TensorFlow.js': (folder) => writeTfjs(folder, smallGraphModel()),
  '.onnx files of many parts': (folder) => written(folder, { 'parts.onnx': manyPartedModel() }),
  '.onnx files that can be evaluated': (folder) => written(folder, { 'whole.onnx': evaluableModel() }),
  '.onnx files that compute weights': (folder) => written(folder, { 'computed.onnx': computedModel() }),
  '.onnx files with weights in another file': external,
  'safetensors files': oneStack,
  'safetensors files with a description': describedStack,
  'safetensors files that an index lists': shardedStack,
  'zip files of PyTorch': (folder) => written(folder, { 'zip.pt': torchZip(smallTorch('checkpoint')) }),
  'legacy files of PyTorch': (folder) =>
    written(folder, { 'legacy.pt': torchLegacy(smallTorch('checkpoint')) }),
  'modules of PyTorch': (folder) => written(folder, { 'module.pt': torchZip(smallTorch('module')) }),
  'archives of TorchScript': (folder) => written(folder, { 'script.pt': scriptArchive() }),
  'frozen archives of TorchScript': (folder) => written(folder, { 'frozen.pt': frozenArchive() }),
  SavedModels: (folder) => writeSavedModel(folder, { ...smallSavedModel() }),
  '.tflite files': (folder) => written(folder, { 'good.tflite': tfliteBytes(smallTflite()) }),
  '.tflite files of integers': (folder) =>
    written(folder, { 'integers.tflite': tfliteBytes(integerTflite()) }),
  'files of PyTorch that an index lists': (folder) => writeTorchShards(folder),
};

/** Writes one of them into a folder of its own beside an empty one for damaged copies. */
export async function fuzzPlaces(
  scratch: string,
  make: FuzzModel,
): Promise<{ readonly good: string; readonly folder: string; remove(): void }> {
  const whole = join(scratch, 'good');
  const folder = join(scratch, 'copies');
  for (const place of [whole, folder]) mkdirSync(place, { recursive: true });
  const good = await make(whole);
  return { good, folder, remove: () => rmSync(dirname(folder), { recursive: true, force: true }) };
}
