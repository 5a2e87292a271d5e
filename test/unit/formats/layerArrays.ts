import type { StoredWeight } from '../../support/kerasFile.ts';
import { weight, withModel } from './open.ts';

export function lstmJson(name: string, config: Record<string, unknown> = {}) {
  return {
    class_name: 'LSTM',
    config: { name, units: 2, activation: 'tanh', return_sequences: true, ...config },
  };
}

export function lstmArrays(prefix: string, inputs = 3, hidden = 2): StoredWeight[] {
  return [
    weight(`${prefix}kernel:0`, inputs, 4 * hidden),
    weight(`${prefix}recurrent_kernel:0`, hidden, 4 * hidden),
    weight(`${prefix}bias:0`, 4 * hidden),
  ];
}

/** Values of every parameter by its name. */
export async function readAll(path: string): Promise<Record<string, number[]>> {
  return withModel(path, async ({ parameters }) => {
    const all: Record<string, number[]> = {};
    for (const parameter of parameters) all[parameter.name] = [...(await parameter.read())];
    return all;
  });
}

export function values({ values }: { values: ArrayLike<number> }): number[] {
  return [...Float32Array.from(values)];
}
