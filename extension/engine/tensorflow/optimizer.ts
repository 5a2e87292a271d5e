import type { Tensor } from '@tensorflow/tfjs-core';
import type { OptimizerSettings } from '../../model/optimizer.ts';
import { sizeOf } from '../../model/parameter.ts';
import type { Optimizer, Variable } from '../engine.ts';
import { momentCount } from '../reference/optimizer.ts';
import type { StepSettings } from '../session.ts';
import type { NativeBackend } from './native.ts';
import { type Id, Operations } from './operations.ts';
import { Resource } from './resource.ts';
import type { TensorflowVariable } from './variable.ts';

/** The update rules of `OptimizerSettings` by TensorFlow's operations that do a whole update in one pass. */
export function tensorflowOptimizer(
  backend: NativeBackend,
  settings: OptimizerSettings,
  variables: readonly Variable[],
): Optimizer {
  const own = [...variables] as TensorflowVariable[];
  const resourcesOf = ({ weight: { shape } }: Variable, initial: readonly Float32Array[] = []) =>
    Array.from(
      { length: resourceCount(settings) },
      (_, i) => new Resource(backend, initial[i] ?? new Float32Array(sizeOf(shape)), shape),
    );
  const moments = own.map((variable) => resourcesOf(variable));
  /** Those that are part of a training's state. */
  const lastingOf = (resources: readonly Resource[]) => resources.slice(0, momentCount(settings));
  return {
    apply: (tensors, iteration, step) =>
      Operations.scope(backend, (ops) => {
        const gradients = scaled(ops, own, tensors, step);
        const update = updateRule(ops, settings, iteration, step.learningRate);
        for (const [i, variable] of own.entries()) {
          const handles = moments[i].map(({ id }) => id);
          variable.change((resource) => update(resource, handles, gradients[i]));
        }
      }),
    state: () => moments.flatMap(lastingOf).map((moment) => moment.values()),
    restore: (state) => {
      for (const [i, moment] of moments.flatMap(lastingOf).entries()) moment.assign(state[i].slice());
    },
    release: (index) => {
      const [resources] = moments.splice(index, 1, []);
      const values = lastingOf(resources).map((moment) => moment.values());
      for (const resource of resources) resource.dispose();
      return values;
    },
    replace: (index, variable, next) => {
      own[index] = variable as TensorflowVariable;
      moments[index] = resourcesOf(variable, next.map(own[index].keep));
    },
    dispose: () => {
      for (const moment of moments.flat()) moment.dispose();
    },
  };
}

/** TensorFlow's RMSprop always has a second moment; without momentum it is no state, but the last move. */
function resourceCount(settings: OptimizerSettings): number {
  return settings.name === 'rmsprop' ? 2 : momentCount(settings);
}

/** Gradients with penalties, 0 where masked, and scaled down where their global norm is too large. */
function scaled(
  ops: Operations,
  variables: readonly TensorflowVariable[],
  tensors: readonly Tensor[],
  { clipNorm, l1 = 0, l2 = 0 }: StepSettings,
): Id[] {
  const gradients = variables.map(({ weight, tensor, mask }, i) => {
    const isKernel = weight.role === 'kernel';
    let gradient = ops.of(tensors[i]);
    const add = (factor: number, term: Id) => {
      gradient = ops.run('AddV2', [gradient, ops.run('Mul', [term, ops.scalar(factor)])]);
    };
    if (isKernel && l1 !== 0) add(l1, ops.run('Sign', [ops.of(tensor)]));
    if (isKernel && l2 !== 0) add(2 * l2, ops.of(tensor));
    // A choice, not a product: 0 times NaN would be NaN.
    return mask === undefined ? gradient : ops.run('SelectV2', [mask, gradient, ops.scalar(0)]);
  });
  if (clipNorm === undefined || gradients.length === 0) return gradients;
  // L2Loss is half the sum of squares.
  const halves = gradients.map((gradient) => ops.run('L2Loss', [gradient]));
  const half = ops.run('AddN', halves, ops.float(ops.int('N', halves.length)));
  const norm = ops.run('Sqrt', [ops.run('Mul', [half, ops.scalar(2)])]);
  const limit = ops.scalar(clipNorm);
  const factor = ops.run('Div', [limit, ops.run('Maximum', [norm, limit])]);
  return gradients.map((gradient) => ops.run('Mul', [gradient, factor]));
}

type Update = (variable: Id, moments: readonly Id[], gradient: Id) => void;

function updateRule(
  ops: Operations,
  settings: OptimizerSettings,
  iteration: number,
  learningRate: number,
): Update {
  const rate = ops.scalar(learningRate);
  const apply = (name: string, inputs: readonly Id[], ...flags: string[]) => {
    const attributes = ops.float(...flags.map((flag) => ops.flag(flag, true)));
    ops.runAll(name, inputs, 0, attributes);
  };
  switch (settings.name) {
    case 'adam': {
      const { beta1, beta2, epsilon } = settings;
      const powers = [beta1 ** iteration, beta2 ** iteration].map((value) => ops.scalar(value));
      const constants = [beta1, beta2, epsilon].map((value) => ops.scalar(value));
      return (variable, [m, v], gradient) =>
        apply('ResourceApplyAdam', [variable, m, v, ...powers, rate, ...constants, gradient]);
    }
    case 'sgd': {
      const { momentum, nesterov } = settings;
      if (momentum === 0) {
        return (variable, _, gradient) => apply('ResourceApplyGradientDescent', [variable, rate, gradient]);
      }
      const factor = ops.scalar(momentum);
      const flags = nesterov ? ['use_nesterov'] : [];
      return (variable, [m], gradient) =>
        apply('ResourceApplyKerasMomentum', [variable, m, rate, gradient, factor], ...flags);
    }
    case 'rmsprop': {
      const constants = [settings.rho, settings.momentum, settings.epsilon].map((value) => ops.scalar(value));
      return (variable, [v, m], gradient) =>
        apply('ResourceApplyRMSProp', [variable, v, m, rate, ...constants, gradient]);
    }
  }
}
