// Loads models by stock TensorFlow.js and prints what they put out: `node judge.ts JOBS.json`.
import { readFile } from 'node:fs/promises';
import { type PackedArray, packed, unpacked } from '../packedArray.ts';
import { loadModel, loadStock, type Untyped } from './stock.ts';

export interface StockJob {
  readonly path: string;
  readonly inputs: readonly PackedArray[];
}

export interface StockJudgement {
  readonly outputs: readonly PackedArray[];
  /** How many zeros the weights hold, as they were read, by the names of the tensors. */
  readonly zeros: Readonly<Record<string, number>>;
}

const tf = await loadStock();
const jobs = JSON.parse(await readFile(process.argv[2], 'utf8')) as StockJob[];
const results: StockJudgement[] = [];
for (const { path, inputs } of jobs) {
  const model = await loadModel(tf, path);
  const tensors = inputs.map(unpacked).map(({ shape, data }) => tf.tensor(data, shape));
  const outputs = model.predict(tensors.length === 1 ? tensors[0] : tensors);
  const weights: Untyped[] = model.weights;
  const zeros = weights.map((weight) => {
    const values: Float32Array = weight.read().dataSync();
    return [weight.originalName, values.filter((value) => value === 0).length];
  });
  results.push({
    outputs: [packed({ shape: outputs.shape, data: outputs.dataSync() })],
    zeros: Object.fromEntries(zeros),
  });
}
console.log(JSON.stringify(results));
