import { fileURLToPath } from 'node:url';
import { setupStockTfjs } from '../scripts/setupBench.mjs';
import { setupPython } from '../scripts/setupPython.mjs';
import { setupTensorflow } from '../scripts/setupTensorflow.mjs';
import { BestContender, type Competitor } from './bestContender.ts';
import { Contender, type Start } from './contender.ts';
import type { EngineName, PeerName } from './results.ts';

const worker = (name: string) => fileURLToPath(new URL(`workers/${name}`, import.meta.url));

const scripts: Partial<Record<PeerName, string>> = {
  pytorch: 'pytorch.py',
  keras: 'kerasPeer.py',
  onnxruntime: 'onnxRuntime.py',
};

/** TensorFlow divides even small products, which costs more than it saves; so it may use fewer threads, as ours does. */
const mayUseFewer: readonly (EngineName | PeerName)[] = ['keras', 'tfjs-node'];

/** Starts a contender's process for a number of threads. Installs what it needs; throws where that fails. */
export async function startContender(name: EngineName | PeerName, threads: number): Promise<Competitor> {
  if (threads === 1 || !mayUseFewer.includes(name)) return new Contender(name, await startOf(name, threads));
  // What could fail comes before the first process.
  const starts: [string, Start][] = [];
  for (const count of [threads, 1]) {
    starts.push([`${count} ${count === 1 ? 'thread' : 'threads'}`, await startOf(name, count)]);
  }
  return new BestContender(new Map(starts.map(([title, start]) => [title, new Contender(name, start)])));
}

async function startOf(name: EngineName | PeerName, threads: number): Promise<Start> {
  const count = String(threads);
  const env = {
    OMP_NUM_THREADS: count,
    MKL_NUM_THREADS: count,
    OPENBLAS_NUM_THREADS: count,
    TF_NUM_INTEROP_THREADS: count,
    TF_CPP_MIN_LOG_LEVEL: '2',
    KERAS_BACKEND: 'tensorflow',
    CUDA_VISIBLE_DEVICES: '',
    PYTHONDONTWRITEBYTECODE: '1',
  };
  // Our engine on TensorFlow may use fewer than it is told; this variable would overrule it.
  const fixed = { ...env, TF_NUM_INTRAOP_THREADS: count };
  const script = scripts[name as PeerName];
  if (script !== undefined) {
    const command = process.env.LSTM_PRUNER_PYTHON ?? (await setupPython());
    return { command, args: [worker(script), count], env: fixed };
  }
  const node = (...args: string[]): Start => ({
    command: process.execPath,
    args,
    env: name === 'tensorflow' ? env : fixed,
  });
  switch (name) {
    case 'wasm':
      return node(worker('ours.ts'), name, count);
    case 'tensorflow':
      return node(worker('ours.ts'), name, count, await setupTensorflow());
    case 'tfjs-node':
      return node(worker('stockTfjs.ts'), await setupTensorflow(), 'node');
    default:
      return node(worker('stockTfjs.ts'), await setupStockTfjs(), name === 'tfjs-cpu' ? 'cpu' : 'wasm');
  }
}
