import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ShardCut, shardCuts } from '../../formats/tfjs/shardCuts.ts';
import { ShardWriter } from '../../formats/tfjs/shardWriter.ts';
import type { Graph } from '../../model/graph.ts';
import { byteSize, sizeOf } from '../../model/parameter.ts';
import type { Shape } from '../../ops/shape.ts';
import { keras2Config } from '../keras/config.ts';
import { describeKeras } from '../keras/describe.ts';
import type { KerasLayer, KerasWeight } from '../keras/description.ts';

/**
 * Writes a graph with its weights as a layers model of TensorFlow.js 4: a folder with `model.json` and shards of weights. Throws
 * `UserError` conversionImpossible where TensorFlow.js has no layer for a node.
 */
export async function writeTfjs(
  path: string,
  graph: Graph,
  shapes: ReadonlyMap<string, Shape>,
  step?: () => Promise<void>,
): Promise<void> {
  const description = describeKeras(graph, shapes, 'tfjs');
  const weights = description.layers.flatMap(weightsOf);
  const bytes = weights.reduce((sum, { shape }) => sum + byteSize.float32 * sizeOf(shape), 0);
  const cuts = shardCuts({ paths: ['group1-shard1of1.bin'] }, [], bytes);
  const paths = cuts.map((cut) => cut.path);
  await mkdir(path);
  const json = {
    format: 'layers-model',
    generatedBy: 'lstm-pruner',
    convertedBy: null,
    modelTopology: {
      keras_version: '2.15.0',
      backend: 'tensorflow',
      model_config: keras2Config(description),
    },
    weightsManifest: [
      { paths, weights: weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })) },
    ],
  };
  await writeFile(join(path, 'model.json'), JSON.stringify(json), { flag: 'wx' });
  await writeShards(path, cuts, weights, step);
}

/** As TensorFlow.js names them: by the layer, of a Bidirectional by the layer inside. */
function weightsOf({ name, weights, directions, inner }: KerasLayer): KerasWeight[] {
  const named = (place: string, own: readonly KerasWeight[]) =>
    own.map((weight) => ({ ...weight, name: `${place}/${weight.name}` }));
  if (!directions) return named(name, inner?.weights ?? weights);
  return directions.flatMap((direction) => named(`${name}/${direction.name}`, direction.weights));
}

async function writeShards(
  folder: string,
  cuts: readonly ShardCut[],
  weights: readonly KerasWeight[],
  step: (() => Promise<void>) | undefined,
): Promise<void> {
  const shards = new ShardWriter(folder, cuts);
  try {
    for (const { values } of weights) {
      await step?.();
      const all = await values();
      await shards.write(new Uint8Array(all.buffer, all.byteOffset, all.byteLength));
    }
    await shards.end();
  } finally {
    await shards.close();
  }
}
