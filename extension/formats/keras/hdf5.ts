import type { Model } from '../../model/model.ts';
import type { ProbeResult } from '../../protocol/requests.ts';
import { UserError } from '../../protocol/userError.ts';
import { copyPlain } from '../copyPlain.ts';
import type { Format } from '../format.ts';
import { Hdf5File } from '../hdf5/file.ts';
import { checkRebuild, writeRebuilt } from '../hdf5/rebuild.ts';
import { attributePath } from '../hdf5/rebuildable.ts';
import { createScratch } from '../scratch.ts';
import { kerasVersion, type LayerConfig, parseModelConfig } from './config.ts';
import { legacyWeights } from './legacyWeights.ts';
import { type KerasContents, type KerasSaveOptions, kerasModel } from './model.ts';
import { type KerasParameter, writeWeights } from './parameters.ts';
import { probeConfig } from './probe.ts';
import { legacyLayout } from './removal/legacyLayout.ts';
import { layoutFor, rebuildPurpose } from './shrink.ts';
import { trainingConfiguration } from './training.ts';

const weightsRoot = 'model_weights';
const configAttribute = 'model_config';
const optimizerGroup = '/optimizer_weights';

/** Whole models of Keras 1, 2, tf.keras and Keras 3 in one HDF5 file: `model_config` beside `model_weights`. */
export const kerasHdf5: Format = { suffixes: ['.hdf5', '.h5'], open, probe };

async function probe(path: string): Promise<ProbeResult> {
  const file = await Hdf5File.open(path, 'r');
  try {
    const { config, format } = describe(path, file);
    return probeConfig(config, format, path);
  } finally {
    file.close();
  }
}

async function open(path: string): Promise<Model> {
  const file = await Hdf5File.open(path, 'r');
  try {
    return await read(path, file);
  } catch (error) {
    file.close();
    throw error;
  }
}

async function read(path: string, file: Hdf5File): Promise<Model> {
  const description = describe(path, file);
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
    save: (target, parameters, options) => save(path, target, parameters, options),
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
    throw new UserError('notAModel', { file: path }, { code: 'reasonNoConfig', args: {} });
  }
  if (!file.keys('/').includes(weightsRoot)) {
    throw new UserError('notAModel', { file: path }, { code: 'reasonNoWeights', args: {} });
  }
  const config = parseModelConfig(json, path);
  const version = kerasVersion(asText(file.attribute('/', 'keras_version')), config);
  return { config, configText: json, version, format: `Keras ${version.text} HDF5` };
}

/** A copy of the original with trained weights, and 0 for masked ones, in place; every other byte stays unless the file is rebuilt. */
async function save(
  original: string,
  target: string,
  parameters: readonly KerasParameter[],
  { compress, rewritten, step }: KerasSaveOptions,
): Promise<void> {
  if (!compress && !rewritten) {
    await copyPlain(original, target);
    await writeWeights(target, parameters, original, step);
    return;
  }
  const scratch = await createScratch();
  try {
    const edited = scratch.file('edited.h5');
    await copyPlain(original, edited);
    await writeWeights(edited, parameters, original, step);
    const purpose = rebuildPurpose(original, rewritten ? 'shrink' : 'compress', optimizerGroup);
    const { attributes = [], ...layout } = layoutFor(purpose, rewritten);
    const config = attributePath('/', configAttribute);
    await writeRebuilt(edited, target, {
      ...purpose,
      ...layout,
      attributes: new Map([...attributes, ...(rewritten ? [[config, rewritten.configText] as const] : [])]),
      scratch,
      compress,
      step,
    });
  } finally {
    await scratch.remove();
  }
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
