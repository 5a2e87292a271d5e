import type { Model } from '../../model/model.ts';
import type { ProbeResult } from '../../protocol/requests.ts';
import { UserError } from '../../protocol/userError.ts';
import type { Format } from '../format.ts';
import { Hdf5File } from '../hdf5/file.ts';
import { checkRebuild } from '../hdf5/rebuild.ts';
import { kerasVersion, type LayerConfig, parseModelConfig } from './config.ts';
import { legacyWeights } from './legacyWeights.ts';
import { type KerasContents, kerasModel } from './model.ts';
import { probeConfig } from './probe.ts';
import { legacyLayout } from './removal/legacyLayout.ts';
import { configAttribute, optimizerGroup, saveHdf5 } from './saveHdf5.ts';
import { rebuildPurpose } from './shrink.ts';
import { trainingConfiguration } from './training.ts';
import { hiddenWeightsIn, openWeights, weightsIn } from './weightsOnly/weightsFile.ts';
import { probeWeights } from './weightsOnly/weightsModel.ts';

const weightsRoot = 'model_weights';

/**
 * Keras 1, 2, tf.keras and Keras 3 in one HDF5 file: whole models, `model_config` beside `model_weights`, and weights alone, as
 * `save_weights` writes them. The names do not tell which.
 */
export const kerasHdf5: Format = {
  suffixes: ['.weights.h5', '.hdf5', '.h5'],
  expected: 'expectedKeras',
  holds: ['contentHdf5', 'contentKeras'],
  open,
  probe,
};

async function probe(path: string): Promise<ProbeResult> {
  const file = await Hdf5File.open(path);
  try {
    const weights = weightsIn(file, path);
    if (weights) return probeWeights({ ...weights, path });
    const description = describe(path, file);
    const hidden = hiddenWeightsIn(file, description, path);
    return hidden
      ? probeWeights({ ...hidden, path })
      : probeConfig(description.config, description.format, path);
  } finally {
    await file.close();
  }
}

async function open(path: string): Promise<Model> {
  const file = await Hdf5File.open(path);
  try {
    const weights = weightsIn(file, path);
    return weights ? await openWeights(path, file, weights) : await read(path, file);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function read(path: string, file: Hdf5File): Promise<Model> {
  const description = describe(path, file);
  const hidden = hiddenWeightsIn(file, description, path);
  if (hidden) return openWeights(path, file, hidden);
  const contents = {
    ...description,
    path,
    training: trainingConfiguration(asText(file.attribute('/', 'training_config'))),
    weights: file,
    weightPaths: legacyWeights(file, weightsRoot, description.config),
    hasOptimizerState: file.keys('/').includes(optimizerGroup.slice(1)),
    layoutOf: (remaining: LayerConfig) => legacyLayout(file, weightsRoot, description.config, remaining),
  };
  return kerasModel(contents, {
    save: (target, parameters, options) => saveHdf5(path, target, parameters, options),
    checkRebuild: (purpose) => checkRebuild(path, rebuildPurpose(path, purpose, optimizerGroup)),
    close: async () => file.close(),
  });
}

function describe(
  path: string,
  file: Hdf5File,
): Pick<KerasContents, 'config' | 'configText' | 'version' | 'format'> {
  const json = file.attribute('/', configAttribute);
  if (typeof json !== 'string') {
    throw new UserError('notAModel', { file: path }, { code: 'reasonNeither', args: {} });
  }
  if (!file.keys('/').includes(weightsRoot)) {
    throw new UserError('notAModel', { file: path }, { code: 'reasonNoWeights', args: {} });
  }
  const config = parseModelConfig(json, path);
  const version = kerasVersion(asText(file.attribute('/', 'keras_version')), config);
  return { config, configText: json, version, format: `Keras ${version.text} HDF5` };
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
