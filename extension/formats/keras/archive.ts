import { stat } from 'node:fs/promises';
import type { Model } from '../../model/model.ts';
import type { Message } from '../../protocol/messages.ts';
import type { ProbeResult } from '../../protocol/requests.ts';
import type { Format } from '../format.ts';
import { ZipArchive } from '../zip/archive.ts';
import { archiveTexts } from './archiveEntries.ts';
import { archiveWeights } from './archiveWeights.ts';
import { kerasVersion, type LayerConfig, parseModelConfig } from './config.ts';
import { kerasModel } from './model.ts';
import { ownClass } from './ownClass.ts';
import { probeConfig } from './probe.ts';
import { archiveLayout } from './removal/archiveLayout.ts';
import { trainingConfiguration } from './training.ts';
import { UnpackedArchive } from './unpackedArchive.ts';
import { hiddenRecurrent, ownLayerOf } from './weightsOnly/ownLayers.ts';
import { treeGroups } from './weightsOnly/treeGroups.ts';
import { probeWeights, type WeightsContents, weightsModel } from './weightsOnly/weightsModel.ts';

/** Keras 3's own format: a zip archive of metadata.json, config.json and model.weights.h5, all STORED. */
export const kerasArchive: Format = {
  suffixes: ['.keras'],
  expected: 'expectedKeras',
  holds: ['contentKeras', 'contentHdf5'],
  open,
  probe,
};

async function probe(path: string): Promise<ProbeResult> {
  const zip = await ZipArchive.open(path);
  let archive: UnpackedArchive | undefined;
  try {
    const description = await describe(zip, path);
    if ('config' in description && !ownLayerOf(description.config))
      return probeConfig(description.config, description.format, path);
    archive = await UnpackedArchive.of(zip, path);
    const found = foundIn(archive, description, path);
    return 'config' in found ? probeConfig(found.config, found.format, path) : probeWeights(found);
  } finally {
    await archive?.close();
    zip.close();
  }
}

async function open(path: string): Promise<Model> {
  const zip = await ZipArchive.open(path);
  let archive: UnpackedArchive | undefined;
  try {
    const description = await describe(zip, path);
    archive = await UnpackedArchive.of(zip, path);
    const found = foundIn(archive, description, path);
    return 'config' in found ? await layersModel(archive, found, path) : await arraysModel(archive, found);
  } catch (error) {
    await archive?.close();
    zip.close();
    throw error;
  }
}

async function layersModel(archive: UnpackedArchive, layers: Layers, path: string): Promise<Model> {
  const { config, configText, version, format } = layers;
  const { weights, hasOptimizerState } = archive;
  const contents = {
    path,
    format,
    version,
    config,
    configText,
    training: trainingConfiguration((JSON.parse(configText) as { compile_config?: unknown }).compile_config),
    weights,
    weightPaths: archiveWeights(weights, config),
    hasOptimizerState,
    layoutOf: (remaining: LayerConfig) => archiveLayout(weights, config, remaining, path),
  };
  return kerasModel(contents, {
    save: (target, parameters, options) => archive.save(target, parameters, options),
    checkRebuild: (purpose) => archive.checkRebuild(purpose),
    close: () => archive.close(),
  });
}

/** Of a model whose code is in no file the weights alone, which the archive has in the layout of `save_weights`. */
async function arraysModel(archive: UnpackedArchive, found: Arrays): Promise<Model> {
  return weightsModel(
    { ...found, bytes: (await stat(found.path)).size },
    {
      save: (target, parameters, options) => archive.save(target, parameters, options),
      checkCompress: () => archive.checkRebuild('compress'),
      close: () => archive.close(),
    },
  );
}

/** How a model is read: by its layers, or by its arrays where code makes layers that no configuration lists. */
function foundIn(
  { weights, hasOptimizerState }: UnpackedArchive,
  description: Layers | Subclassed,
  path: string,
): Layers | Arrays {
  const { format } = description;
  const byArrays = (groups: Arrays['groups'], why: Message) => ({
    path,
    format,
    groups,
    hasOptimizerState,
    why,
  });
  if (!('config' in description))
    return byArrays(treeGroups([weights], path), {
      code: 'reasonOwnClass',
      args: { type: description.className },
    });
  if (!ownLayerOf(description.config)) return description;
  const groups = treeGroups([weights], path);
  const why = hiddenRecurrent(description.config, groups);
  return why ? byArrays(groups, why) : description;
}

type Arrays = Omit<WeightsContents, 'bytes'>;

type Layers = Pick<Parameters<typeof kerasModel>[0], 'config' | 'configText' | 'version' | 'format'>;

/** A model of a class of its author's own. */
interface Subclassed {
  readonly className: string;
  readonly format: string;
}

async function describe(zip: ZipArchive, path: string): Promise<Layers | Subclassed> {
  const { configText, kerasVersion: text } = await archiveTexts(zip, path);
  const className = ownClass(configText);
  if (className !== undefined) return { className, format: text === undefined ? 'Keras' : `Keras ${text}` };
  const config = parseModelConfig(configText, path);
  const version = kerasVersion(text, config);
  return { config, configText, version, format: `Keras ${version.text}` };
}
