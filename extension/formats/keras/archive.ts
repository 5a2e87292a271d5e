import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Entry } from 'yauzl';
import type { Model } from '../../model/model.ts';
import type { ProbeResult } from '../../protocol/requests.ts';
import { UserError } from '../../protocol/userError.ts';
import { copyPlain } from '../copyPlain.ts';
import type { Format } from '../format.ts';
import { Hdf5File } from '../hdf5/file.ts';
import { checkRebuild, writeRebuilt } from '../hdf5/rebuild.ts';
import { largestJson } from '../largestJson.ts';
import { createScratch, type Scratch } from '../scratch.ts';
import { ZipArchive } from '../zip/archive.ts';
import { writeStored } from '../zip/write.ts';
import { archiveWeights } from './archiveWeights.ts';
import { type KerasVersion, kerasVersion, type LayerConfig, parseModelConfig } from './config.ts';
import { type KerasSaveOptions, kerasModel } from './model.ts';
import { type KerasParameter, writeWeights } from './parameters.ts';
import { probeConfig } from './probe.ts';
import { archiveLayout } from './removal/archiveLayout.ts';
import { layoutFor, rebuildPurpose } from './shrink.ts';
import { trainingConfiguration } from './training.ts';

const configEntry = 'config.json';
const weightsEntry = 'model.weights.h5';
const optimizerGroup = '/optimizer';
const unpackedName = 'weights.h5';
const largestWeights = 64 * 2 ** 30;

/** Keras 3's own format: a zip archive of metadata.json, config.json and model.weights.h5, all STORED. */
export const kerasArchive: Format = {
  suffixes: ['.keras'],
  expected: 'expectedKeras',
  holds: ['contentKeras'],
  open,
  probe,
};

async function probe(path: string): Promise<ProbeResult> {
  const zip = await ZipArchive.open(path);
  try {
    const { config, version } = await describe(zip, path);
    return probeConfig(config, formatName(version), path);
  } finally {
    zip.close();
  }
}

function formatName({ text }: KerasVersion): string {
  return `Keras ${text}`;
}

async function open(path: string): Promise<Model> {
  const zip = await ZipArchive.open(path);
  const scratch = await createScratch();
  let weights: Hdf5File | undefined;
  const close = async () => {
    await weights?.close();
    weights = undefined;
    zip.close();
    await scratch.remove();
  };
  try {
    const description = await describe(zip, path);
    const { config, version } = description;
    // HDF5 reads by position, so its file is unpacked once.
    const unpacked = scratch.file(unpackedName);
    await zip.extract(zip.entry(weightsEntry, largestWeights), unpacked);
    const file = await Hdf5File.open(unpacked, path);
    weights = file;
    const contents = {
      path,
      ...description,
      format: formatName(version),
      weights: file,
      weightPaths: archiveWeights(file, config),
      hasOptimizerState: file.keys(`${optimizerGroup}/vars`).length > 0,
      layoutOf: (remaining: LayerConfig) => archiveLayout(file, config, remaining, path),
    };
    return await kerasModel(contents, {
      save: (target, parameters, options) =>
        save({ zip, scratch, original: path }, target, parameters, options),
      checkRebuild: (purpose) => checkRebuild(unpacked, rebuildPurpose(path, purpose, optimizerGroup)),
      close,
    });
  } catch (error) {
    await close();
    throw error;
  }
}

interface Description {
  readonly config: LayerConfig;
  readonly configText: string;
  readonly training: ReturnType<typeof trainingConfiguration>;
  readonly version: KerasVersion;
}

async function describe(zip: ZipArchive, path: string): Promise<Description> {
  const configText = await zip.text(zip.entry(configEntry, largestJson));
  const config = parseModelConfig(configText, path);
  const training = trainingConfiguration(
    (JSON.parse(configText) as { compile_config?: unknown }).compile_config,
  );
  const metadata = await zip.text(zip.entry('metadata.json', largestJson));
  try {
    const { keras_version: text } = JSON.parse(metadata) as { keras_version?: unknown };
    const version = kerasVersion(typeof text === 'string' ? text : undefined, config);
    return { config, configText, training, version };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new UserError('notAModel', { file: path }, { code: 'reasonBadConfig', args: { detail } });
  }
}

/** The same entries in the same order, STORED; only the weights' bytes differ, and the configuration of a model that loses units or layers. */
async function save(
  { zip, scratch, original }: { zip: ZipArchive; scratch: Scratch; original: string },
  target: string,
  parameters: readonly KerasParameter[],
  { compress, rewritten, step }: KerasSaveOptions,
): Promise<void> {
  const edited = scratch.file('edited.h5');
  const rebuilt = scratch.file('rebuiltWeights.h5');
  try {
    await copyPlain(scratch.file(unpackedName), edited);
    await writeWeights(edited, parameters, original, step);
    const purpose = rebuildPurpose(original, rewritten ? 'shrink' : 'compress', optimizerGroup);
    const layout = layoutFor(purpose, rewritten);
    const rebuilds = compress || rewritten !== undefined;
    if (rebuilds) await writeRebuilt(edited, rebuilt, { ...purpose, ...layout, scratch, compress, step });
    const bytes = (entry: Entry): AsyncIterable<Buffer> => {
      if (entry.fileName === weightsEntry) return createReadStream(rebuilds ? rebuilt : edited);
      if (entry.fileName === configEntry && rewritten)
        return Readable.from([Buffer.from(rewritten.configText)]);
      return zip.bytes(entry);
    };
    await writeStored(
      target,
      zip.entries.map((entry) => ({ like: entry, bytes: () => bytes(entry) })),
    );
  } finally {
    // A model may be saved again, with other weights.
    for (const file of [edited, rebuilt]) await rm(file, { force: true });
  }
}
