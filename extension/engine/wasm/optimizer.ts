import type * as tf from '@tensorflow/tfjs-core';
import type { OptimizerSettings } from '../../model/optimizer.ts';
import type { Optimizer, Variable } from '../engine.ts';
import { clipFactor, momentCount, stepSize } from '../reference/optimizer.ts';
import type { StepSettings } from '../session.ts';
import { sharedBackend } from './backend.ts';
import { runtime } from './runtime.ts';
import type { WasmVariable } from './variable.ts';

/** Values that make one partial sum of a norm, in kernels/optimizer.ts. */
const chunk = 4096;

/** A variable and its moments. */
interface Slot {
  readonly variable: WasmVariable;
  /** Of the variable's tensor. */
  readonly size: number;
  /** Addresses, `size` values each. */
  readonly moments: readonly number[];
}

/** The update rules of model/optimizer.ts in our kernels; moments stay in their memory. */
export function wasmOptimizer(settings: OptimizerSettings, variables: readonly Variable[]): Optimizer {
  const { memory, pool } = runtime();
  const slots: Slot[] = [];
  const dispose = () => {
    for (const { moments } of slots) for (const pointer of moments) memory.free(pointer);
    slots.length = 0;
  };
  try {
    for (const variable of variables as readonly WasmVariable[]) slots.push(slotOf(settings, variable));
  } catch (error) {
    dispose();
    throw error;
  }
  const viewsOf = ({ moments, size }: Slot) => moments.map((pointer) => memory.floats(pointer, size));
  const views = () => slots.flatMap(viewsOf);
  return {
    apply: (gradients, iteration, step) => {
      const backend = sharedBackend();
      const pointers = gradients.map((gradient: tf.Tensor) => backend.place(gradient));
      const { clipNorm, learningRate } = step;
      const scale = clipNorm === undefined ? 1 : clipFactor(squaredNorm(slots, pointers, step), clipNorm);
      const size = stepSize(settings, learningRate, iteration);
      for (const [i, slot] of slots.entries()) {
        const [name, values] = update(settings, slot, pointers[i], step, scale, size);
        pool.run(name, values, 15 * slot.size);
      }
    },
    state: () => views().map((view) => view.slice()),
    restore: (state) => {
      for (const [i, view] of views().entries()) view.set(state[i]);
    },
    release: (index) => {
      const slot = slots[index];
      const moments = viewsOf(slot).map(slot.variable.whole);
      for (const pointer of slot.moments) memory.free(pointer);
      slots[index] = { ...slot, moments: [] };
      return moments;
    },
    replace: (index, variable, moments) => {
      slots[index] = slotOf(settings, variable as WasmVariable);
      for (const [i, view] of viewsOf(slots[index]).entries()) slots[index].variable.pick(moments[i], view);
    },
    dispose,
  };
}

/** A variable with moments of 0. */
function slotOf(settings: OptimizerSettings, variable: WasmVariable): Slot {
  const { memory } = runtime();
  const { size } = variable.tensor;
  const moments = memory.allocateAll(...Array.from({ length: momentCount(settings) }, () => size * 4));
  for (const pointer of moments) memory.floats(pointer, size).fill(0);
  return { variable, size, moments };
}

/** λ1 and 2 λ2 of a variable. */
function penalties({ variable: { weight } }: Slot, { l1 = 0, l2 = 0 }: StepSettings): [number, number] {
  return weight.role === 'kernel' ? [l1, 2 * l2] : [0, 0];
}

/** Over all gradients with their penalties; added up in float64 in an order of its own, whatever the threads. */
function squaredNorm(slots: readonly Slot[], gradients: readonly number[], step: StepSettings): number {
  const { memory, pool } = runtime();
  let sum = 0;
  for (const [i, slot] of slots.entries()) {
    const { variable, size } = slot;
    const chunks = Math.ceil(size / chunk);
    const sums = memory.allocate(chunks * 8);
    const places = [variable.values, gradients[i], variable.mask ?? 0, size];
    pool.run('squares', [...places, ...penalties(slot, step), sums], 8 * size);
    for (const part of memory.doubles(sums, chunks)) sum += part;
    memory.free(sums);
  }
  return sum;
}

/** The kernel of an update and its arguments. */
function update(
  settings: OptimizerSettings,
  slot: Slot,
  gradient: number,
  step: StepSettings,
  scale: number,
  stepLength: number,
): [name: string, values: number[]] {
  const { variable, size, moments } = slot;
  const places = [variable.values, gradient, variable.mask ?? 0];
  const factors = [...penalties(slot, step), scale, stepLength];
  switch (settings.name) {
    case 'adam': {
      const { beta1, beta2, epsilon } = settings;
      return ['adam', [...places, ...moments, size, ...factors, beta1, 1 - beta1, beta2, 1 - beta2, epsilon]];
    }
    case 'sgd': {
      const { momentum, nesterov } = settings;
      const [m = 0] = moments;
      return ['sgd', [...places, m, size, ...factors, momentum, nesterov ? 1 : 0]];
    }
    case 'rmsprop': {
      const { rho, momentum, epsilon } = settings;
      const [v, m = 0] = moments;
      return ['rmsprop', [...places, v, m, size, ...factors, rho, 1 - rho, momentum, epsilon]];
    }
  }
}
