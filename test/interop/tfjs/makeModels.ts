// Makes models by stock TensorFlow.js: `node makeModels.ts FOLDER` writes NAME/model.json, NAME.npz and cases.json.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { floats, integers } from '../../support/npy.ts';
import { randomFloats, seeded, wholeBelow } from '../../support/random.ts';
import { npzBytes } from '../../support/zip.ts';
import { packed } from '../packedArray.ts';
import { cases, type StockCase } from './modelCases.ts';
import { quantizedArtifacts } from './quantize.ts';
import { artifactsOf, loadModel, loadStock, type Untyped, writeModel } from './stock.ts';

const [folder] = process.argv.slice(2);
const tf = await loadStock();
const next = seeded(17);
const results: object[] = [];

for (const one of cases) {
  const model = one.build(tf);
  model.compile({ loss: one.loss, optimizer: one.optimizer ?? 'adam' });
  for (const weight of model.weights) {
    const count = weight.shape.reduce((a: number, b: number) => a * b, 1);
    // A variance is positive.
    const values = randomFloats(count, next).map((value) =>
      /variance/.test(weight.name) ? value * value + 0.5 : value,
    );
    weight.write(tf.tensor(values, weight.shape));
  }
  const inputs = one.inputs.map(inputOf);
  const outputShape = inputs.length === 1 ? model.predict(inputs[0]).shape : model.predict(inputs).shape;
  const targets = targetsOf(one, outputShape);
  if (one.trained) await model.fit(inputs, targets, { epochs: 1, verbose: 0 });
  const artifacts = await artifactsOf(tf, model, one.trained);
  if (one.asKeras)
    artifacts.modelTopology = {
      keras_version: '2.11.0',
      backend: 'tensorflow',
      model_config: {
        class_name: artifacts.modelTopology.class_name,
        config: artifacts.modelTopology.config,
      },
      training_config: {
        loss: 'categorical_crossentropy',
        optimizer_config: { class_name: 'Adam', config: { learning_rate: 0.25 } },
      },
    };
  if (one.asKeras) delete artifacts.trainingConfig;
  const stored = one.quantized ? quantizedArtifacts(artifacts, one.quantized) : artifacts;
  const where = join(folder, one.name);
  await writeModel(where, stored, 100);
  // What is quantised is not what was made.
  const loaded = await loadModel(tf, join(where, 'model.json'));
  loaded.compile({ loss: one.loss, optimizer: 'sgd' });
  const outputs = loaded.predict(inputs.length === 1 ? inputs[0] : inputs);
  loaded.resetStates();
  const loss = (await loaded.evaluate(inputs, targets, { batchSize: 3, verbose: 0 }).data())[0];
  await writeFile(join(folder, `${one.name}.npz`), dataOf(inputs, targets));
  results.push({ name: one.name, loss, inputs: inputs.map(pack), outputs: [pack(outputs)] });
}
await writeFile(join(folder, 'cases.json'), JSON.stringify(results));

function inputOf({ shape, tokens }: StockCase['inputs'][number]): Untyped {
  const count = shape.reduce((a, b) => a * b, 1);
  if (tokens === undefined) {
    const values = randomFloats(count, next);
    // The last step is masked where something masks.
    values.fill(0, count - shape[2]);
    return tf.tensor(values, shape);
  }
  const ids = Int32Array.from({ length: count }, (_, i) =>
    i % shape[1] >= 5 ? 0 : 1 + wholeBelow(tokens - 1, next),
  );
  return tf.tensor(ids, shape, 'int32');
}

/** Classes one-hot, else any values. */
function targetsOf({ loss }: StockCase, shape: number[]): Untyped {
  const width = shape.at(-1) ?? 1;
  const count = shape.reduce((a, b) => a * b, 1);
  if (loss === 'meanSquaredError') return tf.tensor(randomFloats(count, next), shape);
  const values = new Float32Array(count);
  for (let row = 0; row < count; row += width) values[row + wholeBelow(width, next)] = 1;
  return tf.tensor(values, shape);
}

function pack(tensor: Untyped) {
  return packed({ shape: tensor.shape, data: tensor.dataSync() });
}

function dataOf(inputs: readonly Untyped[], targets: Untyped): Buffer {
  const arrays = Object.fromEntries(
    [...inputs.map((input, i) => [`x${i}`, input] as const), ['y', targets] as const].map(
      ([name, tensor]) => [
        name,
        tensor.dtype === 'int32'
          ? integers(tensor.shape, [...tensor.dataSync()])
          : floats(tensor.shape, tensor.dataSync()),
      ],
    ),
  );
  return npzBytes(arrays);
}
