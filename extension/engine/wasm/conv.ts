import type { ConvNode } from '../../model/windowNodes.ts';
import type { Operator } from '../engine.ts';
import { convWeights, convWindows } from '../ops/conv.ts';
import { addWindows, copyWindows, type StepWindows, windowMatrix, windowShape } from '../stepWindows.ts';
import { newTensor, sharedBackend } from './backend.ts';
import { columnSums, multiply } from './matMul.ts';
import { defineOperation } from './operation.ts';
import { runtime } from './runtime.ts';

type Inputs = 'x' | 'kernel' | 'bias';

interface Attributes {
  readonly plan: StepWindows;
  readonly biasShape: readonly number[];
}

/**
 * Windows of x [B,…,T',K·C], or [B,…,H',W',K·C], times the kernel [K·C,F], plus b [F]. The windows are many times as large as x, so they
 * are laid out anew on the way back instead of being kept.
 */
const compute = defineOperation<Inputs, Attributes>({
  name: 'LstmPrunerConv',
  saved: ['x', 'kernel'],
  forward: ({ x, kernel, bias }, { plan }) => {
    const backend = sharedBackend();
    const { m, k } = windowMatrix(plan);
    const n = kernel.shape[1];
    const output = backend.output(windowShape(x.shape, plan, n));
    withWindows(m * k, (a) => {
      copyWindows(backend.floats(x), floatsAt(a, m * k), plan);
      const start = bias ? backend.place(bias) : 0;
      multiply([{ m, n, k, a, b: backend.place(kernel), bias: start, c: output.pointer }]);
    });
    return [output];
  },
  gradient: ([dy], [x, kernel], { plan, biasShape }) => {
    const backend = sharedBackend();
    const { m, k } = windowMatrix(plan);
    const n = kernel.shape[1] as number;
    return {
      // Every value of dy · kernelᵀ goes to the step that it came from.
      x: () =>
        newTensor(x.shape, (pointer) =>
          withWindows(m * k, (c) => {
            const [a, b] = [backend.place(dy), backend.place(kernel)];
            multiply([{ m, n: k, k: n, a, b, transposeB: true, c }]);
            const gradient = floatsAt(pointer, x.size).fill(0);
            addWindows(floatsAt(c, m * k), gradient, plan);
          }),
        ),
      // windowsᵀ · dy
      kernel: () =>
        newTensor(kernel.shape, (c) =>
          withWindows(m * k, (a) => {
            copyWindows(backend.floats(x), floatsAt(a, m * k), plan);
            multiply([{ m: k, n, k: m, a, transposeA: true, b: backend.place(dy), c }]);
          }),
        ),
      bias: () => columnSums(backend.place(dy), m, biasShape),
    };
  },
});

/** A Conv node without groups, by the engine's product of matrices. */
export function convOperator(node: ConvNode): Operator {
  return {
    weights: convWeights(node),
    forward: (value, [kernel, bias]) => {
      const x = value(node.inputs[0]);
      const inputs = { x, kernel: kernel.tensor, ...(bias && { bias: bias.tensor }) };
      return compute(inputs, { plan: convWindows(node, x.shape), biasShape: bias?.tensor.shape ?? [] });
    },
  };
}

function floatsAt(pointer: number, length: number): Float32Array {
  return runtime().memory.floats(pointer, length);
}

/** Room for windows while `work` lasts. */
function withWindows(values: number, work: (pointer: number) => void): void {
  const { memory } = runtime();
  const pointer = memory.allocate(values * 4);
  try {
    work(pointer);
  } finally {
    memory.free(pointer);
  }
}
