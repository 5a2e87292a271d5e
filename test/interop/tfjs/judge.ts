// Loads models by stock TensorFlow.js and prints what they put out: `node judge.ts JOBS.json`.
import { readFile } from 'node:fs/promises';
import type { Tensor } from '../../../extension/model/tensor.ts';
import { type PackedArray, packed, unpacked } from '../packedArray.ts';
import { loadModel, loadStock, type Untyped } from './stock.ts';

export interface StockJob {
  readonly path: string;
  readonly inputs: readonly PackedArray[];
  /** The model is trained by these, with the optimizer that its file names. */
  readonly targets?: PackedArray;
}

/** A weight by what its values add up to, and whether training changes it. */
export interface JudgedWeight {
  readonly sum: number;
  readonly size: number;
  readonly trainable: boolean;
}

export interface StockJudgement {
  readonly outputs: readonly PackedArray[];
  /** How many zeros the weights hold, as they were read, by the names of the tensors. */
  readonly zeros: Readonly<Record<string, number>>;
  readonly weights: readonly JudgedWeight[];
  /** The steps that the optimizer had taken when it was loaded, and the losses of two more. */
  readonly training?: { readonly steps: number; readonly losses: readonly number[] };
}

const tf = await loadStock();
const jobs = JSON.parse(await readFile(process.argv[2], 'utf8')) as StockJob[];
const results: StockJudgement[] = [];
for (const { path, inputs, targets } of jobs) {
  const model = await loadModel(tf, path);
  const tensors = inputs.map(unpacked).map(({ shape, data }) => tf.tensor(data, shape));
  const outputs = model.predict(tensors.length === 1 ? tensors[0] : tensors);
  const weights: Untyped[] = model.weights;
  const zeros = weights.map((weight) => {
    const values: Float32Array = weight.read().dataSync();
    return [weight.originalName, values.filter((value) => value === 0).length];
  });
  const judged = weights.map((weight): JudgedWeight => {
    const values: Float32Array = weight.read().dataSync();
    const sum = values.reduce((total, value) => total + value, 0);
    return { sum, size: values.length, trainable: model.trainableWeights.includes(weight) };
  });
  const training = targets && (await trained(model, tensors, unpacked(targets)));
  results.push({
    outputs: [packed({ shape: outputs.shape, data: outputs.dataSync() })],
    zeros: Object.fromEntries(zeros),
    weights: judged,
    ...(training && { training }),
  });
}

async function trained(model: Untyped, inputs: Untyped[], { data, shape }: Tensor) {
  const steps: number = model.optimizer.iterations;
  const y = tf.tensor(data, shape);
  const losses: number[] = [];
  for (let step = 0; step < 2; step++) losses.push(await model.trainOnBatch(inputs, y));
  return { steps, losses };
}
console.log(JSON.stringify(results));
