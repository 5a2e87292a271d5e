import { type Modules, modulesOf } from '../../../extension/formats/stateDict/modules.ts';
import type { ModuleFacts, NamedTensor } from '../../../extension/formats/stateDict/tensors.ts';
import { memoryParameter } from '../../support/memoryModel.ts';

/** Values that say where they stand: 0, 1, 2, … */
export function tensor(name: string, shape: readonly number[]): NamedTensor {
  const size = shape.reduce((product, n) => product * n, 1);
  const parameter = memoryParameter(name, shape, [...Array(size).keys()]);
  return { name, shape, dtype: 'F32', parameter };
}

export const tensors = (shapes: Record<string, readonly number[]>) =>
  Object.entries(shapes).map(([name, shape]) => tensor(name, shape));

/** Names and shapes of a recurrent module of `gates` gates. */
export function recurrent(
  path: string,
  gates: number,
  [inputs, hidden]: [number, number],
  endings = ['_l0'],
) {
  return Object.fromEntries(
    endings.flatMap((ending) => [
      [`${path}.weight_ih${ending}`, [gates * hidden, inputs]],
      [`${path}.weight_hh${ending}`, [gates * hidden, hidden]],
      [`${path}.bias_ih${ending}`, [gates * hidden]],
      [`${path}.bias_hh${ending}`, [gates * hidden]],
    ]),
  ) as Record<string, number[]>;
}

export const linear = (path: string, from: number, to: number) => ({
  [`${path}.weight`]: [to, from],
  [`${path}.bias`]: [to],
});

export interface Options {
  readonly inOrder?: boolean;
  /** Class by name, with options. */
  readonly facts?: Record<string, [string, Record<string, unknown>?]>;
}

export function modules(
  shapes: Record<string, readonly number[]>,
  { inOrder = false, facts = {} }: Options = {},
): Modules {
  const known = Object.entries(facts).map(([path, [className, options = {}]]): [string, ModuleFacts] => [
    path,
    { className, options: new Map(Object.entries(options)) },
  ]);
  return modulesOf({ tensors: tensors(shapes), inOrder, modules: new Map(known) }, 'f');
}

export const rnn = recurrent('rnn', 4, [3, 4]);
