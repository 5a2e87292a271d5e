// Prints the weights of graph models as stock TensorFlow.js reads them: `node judgeGraph.ts PATH…`.
import { packed } from '../packedArray.ts';
import { loadModel, loadStock, type Untyped } from './stock.ts';

const tf = await loadStock();
const results: object[] = [];
for (const path of process.argv.slice(2)) {
  const model = await loadModel(tf, path);
  const weights = Object.entries(model.weights as Record<string, Untyped[]>)
    .filter(([, [tensor]]) => tensor.dtype === 'float32')
    .map(([name, [tensor]]) => [name, packed({ shape: tensor.shape, data: tensor.dataSync() })]);
  results.push(Object.fromEntries(weights));
}
console.log(JSON.stringify(results));
