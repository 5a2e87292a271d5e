import { Session as Inspector } from 'node:inspector/promises';
import * as tf from '@tensorflow/tfjs-core';
import { runtime } from '../../extension/engine/wasm/runtime.ts';
import { type CpuProfile, type FunctionShare, functionShares, type Profile } from '../profile.ts';
import { CallClock } from './callClock.ts';

type Step = () => Promise<unknown>;

/** Repeats a step for some milliseconds to see where its time goes: in the engine's kernels, and in which functions. */
export async function profileSteps(step: Step, ms: number): Promise<Profile> {
  const backend = tf.backend() as { binding?: object };
  if (backend.binding) return profileOperations(step, ms, backend as { binding: object });
  const pool = poolInUse();
  const clock = pool && new CallClock(pool, { run: () => 'kernels', call: () => 'kernels' });
  const plain = await repeat(step, ms);
  const kernels = clock?.stop().get('kernels');
  return {
    ms: plain.ms / plain.steps,
    ...(kernels !== undefined && { kernels: kernels / plain.ms }),
    functions: await sample(step, ms),
  };
}

/**
 * By TensorFlow's operations. V8's profiler cannot be used: its signals meet oneDNN's generated code, which keeps data
 * where a signal's handler has its stack.
 */
async function profileOperations(step: Step, ms: number, backend: { binding: object }): Promise<Profile> {
  const { binding } = backend;
  // A native module's own properties cannot be replaced; those of an object before it can.
  backend.binding = Object.create(binding) as object;
  const clock = new CallClock(backend.binding, { executeOp: (name) => String(name) });
  const plain = await repeat(step, ms);
  backend.binding = binding;
  const shares = [...clock.stop()].map(
    ([name, time]): FunctionShare => ({ name, place: 'TensorFlow', share: time / plain.ms }),
  );
  const kernels = shares.reduce((sum, { share }) => sum + share, 0);
  const rest = { name: '(outside of operations)', place: 'Node', share: 1 - kernels };
  const functions = [...shares, rest].sort((a, b) => b.share - a.share);
  return { ms: plain.ms / plain.steps, kernels, functions };
}

/** By V8's profiler. */
async function sample(step: Step, ms: number): Promise<FunctionShare[]> {
  const inspector = new Inspector();
  inspector.connect();
  await inspector.post('Profiler.enable');
  await inspector.post('Profiler.setSamplingInterval', { interval: 200 });
  await inspector.post('Profiler.start');
  await repeat(step, ms);
  const { profile } = (await inspector.post('Profiler.stop')) as { profile: CpuProfile };
  inspector.disconnect();
  return functionShares(profile);
}

async function repeat(step: Step, ms: number): Promise<{ ms: number; steps: number }> {
  const start = performance.now();
  let steps = 0;
  do {
    await step();
    steps++;
  } while (performance.now() - start < ms);
  return { ms: performance.now() - start, steps };
}

function poolInUse(): ReturnType<typeof runtime>['pool'] | undefined {
  try {
    return runtime().pool;
  } catch {
    return undefined; // another engine computes
  }
}
