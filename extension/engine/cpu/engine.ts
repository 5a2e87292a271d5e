import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { Engine } from '../engine.ts';
import { cpuOptimizer } from './optimizer.ts';
import { cpuVariable } from './variable.ts';

// Without the checks for NaN after every operation, and without the advice to install the native backend.
tf.enableProdMode();

/** TensorFlow.js' own JavaScript kernels: slow, and there for every operator and every size of model. */
export const cpuEngine: Engine = {
  name: `TensorFlow.js ${tf.version_core} cpu`,
  backend: 'cpu',
  speed: 5e8,
  operator: () => undefined,
  variable: cpuVariable,
  optimizer: cpuOptimizer,
  dispose: async () => {},
};
