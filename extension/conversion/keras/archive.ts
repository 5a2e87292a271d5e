import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { Hdf5Writer } from '../../formats/hdf5/writer.ts';
import { countedGroups } from '../../formats/keras/archiveWeights.ts';
import { createScratch } from '../../formats/scratch.ts';
import { type EntryLike, writeStored } from '../../formats/zip/write.ts';
import type { Graph } from '../../model/graph.ts';
import type { Shape } from '../../ops/shape.ts';
import { keras3Config } from './config.ts';
import { describeKeras } from './describe.ts';
import type { KerasLayer, KerasWeight } from './description.ts';

/** Whose layout of a `.keras` this is. */
const kerasVersion = '3.0.0';

/**
 * Writes a graph with its weights as a `.keras` archive: configuration, metadata, and the weights as Keras 3 lays them out. Throws
 * `UserError` conversionImpossible where Keras has no layer for a node.
 */
export async function writeKerasArchive(
  path: string,
  graph: Graph,
  shapes: ReadonlyMap<string, Shape>,
  step?: () => Promise<void>,
): Promise<void> {
  const description = describeKeras(graph, shapes, 'keras');
  const scratch = await createScratch();
  try {
    const weights = scratch.file('weights.h5');
    await writeWeights(weights, description.layers, step);
    const metadata = { keras_version: kerasVersion, date_saved: '1980-01-01@00:00:00' };
    const text = (value: object) => () => Readable.from([Buffer.from(JSON.stringify(value))]);
    await writeStored(path, [
      { like: entryOf('metadata.json'), bytes: text(metadata) },
      { like: entryOf('config.json'), bytes: text(keras3Config(description)) },
      { like: entryOf('model.weights.h5'), bytes: () => createReadStream(weights) },
    ]);
  } finally {
    await scratch.remove();
  }
}

async function writeWeights(
  path: string,
  layers: readonly KerasLayer[],
  step: (() => Promise<void>) | undefined,
): Promise<void> {
  const file = await Hdf5Writer.create(path);
  try {
    const groups = countedGroups(
      layers.map(({ className, name, operation }) => ({
        className,
        name,
        operation: operation !== undefined,
      })),
    );
    for (const layer of layers) {
      if (layer.operation) continue;
      const group = `/layers/${groups.get(layer.name)}`;
      file.attribute(`${group}/vars`, 'name', layer.name);
      for (const [place, weights] of groupsOf(group, layer)) {
        for (const [i, { shape, values }] of weights.entries()) {
          await step?.();
          file.floats(`${place}/vars/${i}`, shape, await values());
        }
      }
    }
  } finally {
    file.close();
  }
}

/** Where each of a layer's own lists of weights lies. */
function groupsOf(group: string, layer: KerasLayer): (readonly [string, readonly KerasWeight[]])[] {
  const { cell, directions, inner, parts, weights } = layer;
  if (inner) return groupsOf(`${group}/layer`, inner);
  if (parts) return Object.entries(parts).map(([name, own]) => [`${group}/${name}`, own]);
  if (!directions) return [[`${group}${cell ? '/cell' : ''}`, weights]];
  const [forward, backward] = directions;
  return [...groupsOf(`${group}/forward_layer`, forward), ...groupsOf(`${group}/backward_layer`, backward)];
}

/** The attributes of an entry as Python's zipfile writes them, without a time. */
function entryOf(name: string): EntryLike {
  return {
    fileNameRaw: Buffer.from(name),
    generalPurposeBitFlag: 0,
    lastModFileTime: 0,
    lastModFileDate: 0x21,
    internalFileAttributes: 0,
    externalFileAttributes: 0o600 * 2 ** 16,
    versionMadeBy: 20 + 3 * 256,
  };
}
