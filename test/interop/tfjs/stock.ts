// Stock TensorFlow.js, which is no dependency of this project; so neither are its types.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setupStockTfjs } from '../../../scripts/setupBench.mjs';

// biome-ignore lint/suspicious/noExplicitAny: an untyped package
export type Untyped = any;

/** The whole package, computing in plain JavaScript. */
export async function loadStock(): Promise<Untyped> {
  const require = createRequire(join(await setupStockTfjs(), 'package.json'));
  const tf: Untyped = require('@tensorflow/tfjs');
  await tf.setBackend('cpu');
  await tf.ready();
  return tf;
}

/** What `model.save` hands to whoever stores it. */
export async function artifactsOf(tf: Untyped, model: Untyped, includeOptimizer = false): Promise<Untyped> {
  let artifacts: Untyped;
  const keep = async (given: Untyped) => {
    artifacts = given;
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
  };
  await model.save(tf.io.withSaveHandler(keep), { includeOptimizer });
  return artifacts;
}

/** Loads a model as a web page does, from its `model.json` and the files that it names; TensorFlow.js itself decodes them. */
export async function loadModel(tf: Untyped, path: string): Promise<Untyped> {
  const json = JSON.parse(await readFile(path, 'utf8'));
  const handler = {
    load: () =>
      tf.io.getModelArtifactsForJSON(json, async (manifest: Untyped[]) => {
        const paths = manifest.flatMap((group) => group.paths as string[]);
        const parts = await Promise.all(paths.map((name) => readFile(join(dirname(path), name))));
        const bytes = Buffer.concat(parts);
        const data = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
        return [manifest.flatMap((group) => group.weights), data];
      }),
  };
  return json.format === 'graph-model' ? tf.loadGraphModel(handler) : tf.loadLayersModel(handler);
}

/** Writes `model.json` and its files, cut at `shardBytes`, with a group for each half of the weights. */
export async function writeModel(folder: string, artifacts: Untyped, shardBytes: number): Promise<void> {
  const { weightData, weightSpecs, ...json } = artifacts;
  await mkdir(folder, { recursive: true });
  const half = Math.ceil(weightSpecs.length / 2);
  const bytes = Buffer.from(weightData);
  const weightsManifest: object[] = [];
  let at = 0;
  for (const [g, weights] of [weightSpecs.slice(0, half), weightSpecs.slice(half)].entries()) {
    const length = weights.reduce((sum: number, spec: Untyped) => sum + bytesOf(spec), 0);
    const count = Math.ceil(length / shardBytes);
    const paths = Array.from({ length: count }, (_, i) => `group${g + 1}-shard${i + 1}of${count}.bin`);
    for (const [i, path] of paths.entries()) {
      const end = Math.min(at + (i + 1) * shardBytes, at + length);
      await writeFile(join(folder, path), bytes.subarray(at + i * shardBytes, end));
    }
    at += length;
    weightsManifest.push({ paths, weights });
  }
  await writeFile(join(folder, 'model.json'), JSON.stringify({ ...json, weightsManifest }));
}

function bytesOf({ shape, dtype, quantization }: Untyped): number {
  const widths: Record<string, number> = { float32: 4, int32: 4, float16: 2, uint16: 2, uint8: 1 };
  return shape.reduce((a: number, b: number) => a * b, 1) * widths[quantization?.dtype ?? dtype];
}
