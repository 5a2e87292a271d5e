// Stock TensorFlow.js layers as a contender: `node stockTfjs.ts FOLDER BACKEND`. FOLDER holds the packages.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';
import type { Configuration } from '../configurations.ts';
import { readWorkload, tensorOf, type Workload } from '../workload.ts';
import { meanSquare, serve } from './serve.ts';

const [folder, backend] = process.argv.slice(2);
const require = createRequire(join(folder, 'package.json'));
// tfjs-node calls them; Node 23 removed them.
const legacy = util as unknown as Record<string, unknown>;
legacy.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
legacy.isArray ??= Array.isArray;

// The packages are not this project's; so neither are their types.
// biome-ignore lint/suspicious/noExplicitAny: an untyped package
type Untyped = any;
const tf: Untyped = require(backend === 'node' ? '@tensorflow/tfjs-node' : '@tensorflow/tfjs');
if (backend === 'wasm') {
  const wasm: Untyped = require('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(join(folder, 'node_modules/@tensorflow/tfjs-backend-wasm/dist/'));
}
await tf.setBackend(backend === 'node' ? 'tensorflow' : backend);
await tf.ready();

const versions: Record<string, string> = { [`tfjs (${backend})`]: tf.version['tfjs-core'] };
if (backend === 'node') versions['libtensorflow under tfjs-node'] = tf.backend().binding.TF_Version;

function onDevice(workload: Workload, name: string): Untyped {
  const { shape, data } = tensorOf(workload, name);
  return tf.tensor(data, shape, data instanceof Int32Array ? 'int32' : 'float32');
}

function network(c: Configuration, workload: Workload, activation: 'softmax' | 'linear'): Untyped {
  if (c.vocabulary !== undefined || c.sequences)
    throw new Error('only networks with one output are written for it');
  const model = tf.sequential();
  for (let layer = 0; layer < c.layers; layer++) {
    const lstm = tf.layers.lstm({
      units: c.hidden,
      recurrentActivation: 'sigmoid',
      returnSequences: layer < c.layers - 1,
      ...(layer === 0 && { inputShape: [c.steps, c.inputs] }),
    });
    model.add(lstm);
    lstm.setWeights(['kernel', 'recurrent', 'bias'].map((name) => onDevice(workload, `${name}${layer}`)));
  }
  const dense = tf.layers.dense({ units: c.classes, activation });
  model.add(dense);
  dense.setWeights([onDevice(workload, 'dense'), onDevice(workload, 'denseBias')]);
  return model;
}

await serve(versions, async ({ configuration, pass, folder: where }) => {
  const workload = readWorkload(where);
  const training = pass === 'train';
  const model = network(configuration, workload, training ? 'softmax' : 'linear');
  const x = onDevice(workload, 'x');
  const y = tf.oneHot(onDevice(workload, 'y'), configuration.classes);
  if (training) model.compile({ optimizer: tf.train.adam(1e-3), loss: 'categoricalCrossentropy' });
  const step = training
    ? () => model.trainOnBatch(x, y)
    : async () => {
        const output = model.predictOnBatch(x);
        const values = await output.data();
        output.dispose();
        return values;
      };
  const first = await step();
  return {
    setting: `tfjs-layers, backend ${backend}`,
    value: training ? first : meanSquare(first),
    step,
    dispose: async () => {
      tf.dispose([x, y]);
      model.dispose();
    },
  };
});
