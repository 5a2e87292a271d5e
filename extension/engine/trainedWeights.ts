import type { Tensor } from '@tensorflow/tfjs-core';
import type { OptimizerSettings } from '../model/optimizer.ts';
import { type Parameter, sizeOf } from '../model/parameter.ts';
import type { Engine, Optimizer } from './engine.ts';
import type { StepSettings, TrainingState } from './session.ts';
import type { Slot } from './slot.ts';
import { parametersOf, replaceInWeight, scatterWeight, type Weight } from './weight.ts';

export type Values = Map<Parameter, Float32Array>;

/** The weights of a session that are trained, and the moments of each. */
export class TrainedWeights {
  readonly slots: readonly Slot[];
  readonly #optimizer: Optimizer;
  #iterations = 0;

  /** Throws engineMemory where there is no room for the moments. */
  constructor(engine: Engine, settings: OptimizerSettings, slots: readonly Slot[]) {
    this.slots = slots.filter(({ weight }) => isTrainable(weight));
    this.#optimizer = engine.optimizer(
      settings,
      this.slots.map(({ variable }) => variable),
    );
  }

  update(gradients: readonly Tensor[], step: StepSettings): void {
    this.#optimizer.apply(gradients, ++this.#iterations, step);
  }

  values(): Values {
    const values: Values = new Map();
    for (const { weight, variable } of this.slots) scatterWeight(weight, variable.read(), into(values));
    return values;
  }

  /** Replaces the values of some parameters; moments stay. */
  assign(values: ReadonlyMap<Parameter, Float32Array>): void {
    const trained = new Set(this.slots.flatMap(({ weight }) => parametersOf(weight)));
    for (const [parameter, { length }] of values) {
      if (!trained.has(parameter)) throw new Error(`${parameter.name} is not trained`);
      if (length !== sizeOf(parameter.shape)) throw new Error(`${parameter.name} has not ${length} values`);
    }
    for (const { weight, variable } of this.slots) {
      if (!parametersOf(weight).some((parameter) => values.has(parameter))) continue;
      const next = variable.read();
      replaceInWeight(weight, values, next);
      variable.write(next);
    }
  }

  has(slot: Slot): boolean {
    return this.slots.includes(slot);
  }

  /** Makes the variable of a slot anew. Its moments stay, but for those of what is masked. */
  refill(slot: Slot, values: Float32Array, mask: Uint8Array | undefined): void {
    const index = this.slots.indexOf(slot);
    const moments = this.#optimizer.release(index);
    slot.fill(values, mask);
    this.#optimizer.replace(index, slot.variable, moments);
  }

  state(): TrainingState {
    const values = this.slots.map(({ variable }) => variable.read());
    return { iterations: this.#iterations, tensors: [...values, ...this.#optimizer.state()] };
  }

  restore({ iterations, tensors }: TrainingState): void {
    this.#iterations = iterations;
    for (const [i, { variable }] of this.slots.entries()) variable.write(tensors[i]);
    this.#optimizer.restore(tensors.slice(this.slots.length));
  }

  /** Forgets all moments and steps. */
  restart(): void {
    this.#iterations = 0;
    this.#optimizer.restore(this.#optimizer.state().map(({ length }) => new Float32Array(length)));
  }

  dispose(): void {
    this.#optimizer.dispose();
  }
}

function isTrainable(weight: Weight): boolean {
  return isLearned(weight) && parametersOf(weight).every(({ trainable }) => trainable);
}

/** Whether it was learned from data, as all are but statistics, and the zeros that stand for a bias that is not there. */
export function isLearned({ role, parts }: Weight): boolean {
  return role !== 'statistic' && parts.length > 0;
}

/** The values of each parameter, made when they are first asked for. */
export function into(values: Values): (parameter: Parameter) => Float32Array {
  return (parameter) => {
    const known = values.get(parameter) ?? new Float32Array(sizeOf(parameter.shape));
    values.set(parameter, known);
    return known;
  };
}
