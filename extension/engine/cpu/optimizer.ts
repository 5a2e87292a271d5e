import type { OptimizerSettings } from '../../model/optimizer.ts';
import { applyMask } from '../../model/parameter.ts';
import type { Optimizer, Variable } from '../engine.ts';
import { clipFactor, momentCount, penalise, stepSize, update } from '../reference/optimizer.ts';
import type { CpuVariable } from './variable.ts';

/** The plain update rules over the variables' own arrays. */
export function cpuOptimizer(settings: OptimizerSettings, variables: readonly Variable[]): Optimizer {
  const own = [...variables] as CpuVariable[];
  const moments: Float32Array[][] = own.map(({ values }) =>
    Array.from({ length: momentCount(settings) }, () => new Float32Array(values.length)),
  );
  return {
    apply: (tensors, iteration, { learningRate, clipNorm, l1 = 0, l2 = 0 }) => {
      let squares = 0;
      const gradients = own.map(({ values, mask, weight }, i) => {
        // A copy: a gradient may share its memory with another.
        const gradient = (tensors[i].dataSync() as Float32Array).slice();
        const isKernel = weight.role === 'kernel';
        squares += penalise(gradient, values, mask, isKernel ? l1 : 0, isKernel ? l2 : 0);
        return gradient;
      });
      const step = stepSize(settings, learningRate, iteration);
      const scale = clipFactor(squares, clipNorm);
      for (const [i, { values }] of own.entries()) {
        update(settings, { values, gradient: gradients[i], moments: moments[i] }, step, scale);
      }
    },
    state: () => moments.flat().map((moment) => moment.slice()),
    restore: (state) => {
      for (const [i, moment] of moments.flat().entries()) moment.set(state[i]);
    },
    release: (index) => moments.splice(index, 1, [])[0],
    replace: (index, variable, next) => {
      own[index] = variable as CpuVariable;
      moments[index] = next.map((moment) => applyMask(moment.slice(), own[index].mask));
    },
    dispose: () => {},
  };
}
