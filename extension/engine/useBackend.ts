import * as tf from '@tensorflow/tfjs-core';
import type { Engine } from './engine.ts';

/** TensorFlow.js has one backend at a time for the whole process; between two awaits it stays. */
export function useBackend({ backend }: Pick<Engine, 'backend'>): void {
  // All of our backends are ready at once, so there is nothing to wait for.
  if (tf.getBackend() !== backend) void tf.setBackend(backend);
}
