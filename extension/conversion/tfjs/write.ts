import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Graph } from '../../model/graph.ts';
import type { Shape } from '../../ops/shape.ts';
import { keras2Config } from '../keras/config.ts';
import { describeKeras } from '../keras/describe.ts';
import type { KerasLayer, KerasWeight } from '../keras/description.ts';

/** What TensorFlow.js' converter cuts weights into: what browsers keep in their caches. */
const shardBytes = 4 * 2 ** 20;

/**
 * Writes a graph with its weights as a layers model of TensorFlow.js 4: a folder with `model.json` and shards of weights. Throws `UserError`
 * conversionImpossible where TensorFlow.js has no layer for a node.
 */
export async function writeTfjs(
  path: string,
  graph: Graph,
  shapes: ReadonlyMap<string, Shape>,
  step?: () => Promise<void>,
): Promise<void> {
  const description = describeKeras(graph, shapes, 'tfjs');
  const weights = description.layers.flatMap(weightsOf);
  const bytes = weights.reduce((sum, { shape }) => sum + 4 * shape.reduce((product, n) => product * n, 1), 0);
  const count = Math.max(1, Math.ceil(bytes / shardBytes));
  const paths = Array.from({ length: count }, (_, i) => `group1-shard${i + 1}of${count}.bin`);
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
  await writeShards(path, paths, weights, step);
}

/** As TensorFlow.js names them: by the layer, of a Bidirectional by the layer inside. */
function weightsOf({ name, weights, directions }: KerasLayer): KerasWeight[] {
  const named = (place: string, own: readonly KerasWeight[]) =>
    own.map((weight) => ({ ...weight, name: `${place}/${weight.name}` }));
  if (!directions) return named(name, weights);
  return directions.flatMap((direction) => named(`${name}/${direction.name}`, direction.weights));
}

async function writeShards(
  folder: string,
  paths: readonly string[],
  weights: readonly KerasWeight[],
  step: (() => Promise<void>) | undefined,
): Promise<void> {
  let [shard, room] = [0, shardBytes];
  let file = await open(join(folder, paths[0]), 'wx');
  try {
    for (const { values } of weights) {
      await step?.();
      const all = await values();
      let bytes = new Uint8Array(all.buffer, all.byteOffset, all.byteLength);
      while (bytes.length > 0) {
        if (room === 0) {
          await file.close();
          file = await open(join(folder, paths[++shard]), 'wx');
          room = shardBytes;
        }
        const part = bytes.subarray(0, room);
        await file.appendFile(part);
        room -= part.length;
        bytes = bytes.subarray(part.length);
      }
    }
  } finally {
    await file.close();
  }
}
