import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { UserError } from '../../protocol/userError.ts';
import type { NativeBackend } from './native.ts';

/**
 * Loads the package @tensorflow/tfjs-node from its folder, with TensorFlow itself, into this process; it stays there.
 * Throws `UserError` tensorflowNotLoaded.
 * @param threads that an operation may use; heeded only where TensorFlow is not loaded yet. Absent: one a core
 */
export function loadTensorflow(folder: string, threads?: number): NativeBackend {
  try {
    const requireBeside = createRequire(join(folder, 'package.json'));
    checkCore(folder, requireBeside);
    restoreUtil(requireBeside);
    // TensorFlow says how it was compiled otherwise.
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
    if (threads !== undefined) process.env.TF_NUM_INTRAOP_THREADS ??= String(threads);
    silently(() => requireBeside(folder));
    return checked(tf.findBackend('tensorflow') as unknown as NativeBackend | null);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new UserError('tensorflowNotLoaded', { folder, reason: reason.replace(/[. ]+$/, '') });
  }
}

/** Copies of TensorFlow.js' core share backends and kernels where they are of one version. */
function checkCore(folder: string, requireBeside: NodeJS.Require): void {
  const requireBesideTfjs = createRequire(requireBeside.resolve('@tensorflow/tfjs/package.json'));
  const { version } = requireBesideTfjs('@tensorflow/tfjs-core/package.json') as { version: string };
  if (version === tf.version_core) return;
  const cause = { code: 'reasonTfjsVersion', args: { found: version, wanted: tf.version_core } } as const;
  throw new UserError('tensorflowNotLoaded', { folder }, cause);
}

/** Functions of Node's module `util` that tfjs-node 4.22.0 calls: later Nodes warn of them, and then have them no more. */
function restoreUtil(require: NodeJS.Require): void {
  const util = require('node:util') as { isNullOrUndefined: unknown; isArray: unknown };
  util.isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  util.isArray = Array.isArray;
}

/** Its copy of TensorFlow.js registers the kernels of the cpu backend again, with a warning for each. */
function silently(work: () => void): void {
  const { warn } = console;
  console.warn = () => {};
  try {
    work();
  } finally {
    console.warn = warn;
  }
}

/** Of the backend, some is private; it is checked before anything builds on it. */
function checked(backend: NativeBackend | null): NativeBackend {
  const there =
    typeof backend?.binding?.executeOp === 'function' &&
    typeof backend.getInputTensorIds === 'function' &&
    typeof backend.createOutputTensor === 'function' &&
    typeof backend.tensorMap?.get === 'function';
  if (!there) throw new Error('its backend is another than that of version 4.22.0');
  return backend;
}
