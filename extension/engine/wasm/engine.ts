import { availableParallelism } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { GraphNode } from '../../model/graph.ts';
import { mostThreads } from '../../protocol/recipe.ts';
import type { Engine, Operator } from '../engine.ts';
import { registerArithmetic } from './arithmetic.ts';
import { registerArrangement } from './arrangement.ts';
import { backendName, registerBackend } from './backend.ts';
import { convOperator } from './conv.ts';
import { crossEntropyOperator } from './crossEntropy.ts';
import { denseOperator } from './dense.ts';
import { embeddingOperator } from './embedding.ts';
import { registerMatMul } from './matMul.ts';
import { wasmOptimizer } from './optimizer.ts';
import { recurrentOperator, recurrentSlowness } from './recurrent.ts';
import { registerRecurrent } from './recurrentOperation.ts';
import { acquireRuntime, type RuntimeOptions, releaseRuntime } from './runtime.ts';
import { registerSoftmax } from './softmax.ts';
import { registerSums } from './sums.ts';
import { wasmVariable } from './variable.ts';

// Without the checks for NaN after every operation.
tf.enableProdMode();

/** Whatever the number of threads, so that batches, and with them the last digits of a sum, do not depend on it. */
const speed = 2e10;

/**
 * Our own kernels over a memory that one process has once, and TensorFlow.js' for the rest. Dispose it when its session
 * ends: with the last one the threads end and the memory is given back.
 * @param options absent threads: one a core
 */
export async function wasmEngine(options: RuntimeOptions = {}): Promise<Engine> {
  const threads = options.threads ?? Math.min(availableParallelism(), mostThreads);
  const { pool, build } = await acquireRuntime({ ...options, threads });
  if (registerBackend()) {
    registerMatMul();
    registerArithmetic();
    registerArrangement();
    registerSums();
    registerSoftmax();
    registerRecurrent();
  }
  let disposed = false;
  return {
    name: engineName(pool.threads, build),
    backend: backendName,
    speed,
    operator,
    slowness: (node) => ('layer' in node ? recurrentSlowness(node) : undefined),
    variable: wasmVariable,
    optimizer: wasmOptimizer,
    dispose: async () => {
      if (disposed) return;
      disposed = true;
      await releaseRuntime();
    },
  };
}

function engineName(threads: number, build: RuntimeOptions['build']): string {
  const count = threads === 1 ? '1 thread' : `${threads} threads`;
  return `WebAssembly, ${count}${build === 'simd' ? ', plain SIMD' : ''}`;
}

function operator(node: GraphNode): Operator | undefined {
  switch (node.op) {
    case 'LSTM':
    case 'GRU':
    case 'RNN':
      return recurrentOperator(node);
    case 'MatMul':
      return denseOperator(node);
    case 'Conv':
      return node.groups === 1 ? convOperator(node) : undefined;
    case 'Gather':
      return embeddingOperator(node);
    case 'Loss':
      return crossEntropyOperator(node);
    default:
      return undefined;
  }
}
