import * as tf from '@tensorflow/tfjs-core';
import { backendName, type SharedBackend } from './backend.ts';

/** What a kernel gets: tensors by name, and its attributes. */
export interface KernelCall {
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly backend: SharedBackend;
}

/**
 * Puts a kernel of ours in the place of TensorFlow.js' own, for float32 tensors; others are left to that one. Where ours fails,
 * what it put out is given back.
 */
export function replaceKernel(
  kernelName: string,
  compute: (call: KernelCall) => tf.TensorInfo | tf.TensorInfo[],
): void {
  const own = tf.getKernel(kernelName, backendName)?.kernelFunc;
  if (!own) throw new Error(`the backend has no kernel ${kernelName}`);
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: (args) => {
      const inputs = args.inputs as Record<string, tf.TensorInfo>;
      if (Object.values(inputs).some(({ dtype }) => dtype !== 'float32')) return own(args);
      const backend = args.backend as SharedBackend;
      return backend.runKernel(() => compute({ inputs, attributes: args.attrs ?? {}, backend }));
    },
  });
}
