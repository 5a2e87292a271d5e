import type { PickleValue } from '../pickle/values.ts';
import type { ModuleFacts } from '../stateDict/tensors.ts';
import { frozenLayers } from './frozenLayers.ts';
import type { Named } from './namedTensors.ts';
import { tensorOf } from './tensor.ts';
import type { Walk } from './walk.ts';
import type { ChosenTree } from './weights.ts';

/**
 * The weights of a TorchScript archive whose modules are gone, as torch.jit.freeze leaves it: one function that computes the whole model,
 * with tensors of constants.pkl. They get the names that they would have in modules, by the operators that take them: `lstm1.weight_ih_l0`,
 * `linear2.bias`, counted by kind in the order of the code; others go by what the code calls them, `CONSTANTS.c7`.
 *
 * The layers are the children of a Sequential where each takes the result of the one before. Where the code does more than that, or another
 * thing, an operator or constant that says so is withheld. Constants that are equal are one tensor, be they of several layers.
 */
export function frozenWeights(
  sources: ReadonlyMap<string, string>,
  constants: PickleValue,
  walk: Walk,
): { tree: ChosenTree; facts: ReadonlyMap<string, ModuleFacts> } {
  const { layers, beyond } = frozenLayers(sources);
  const values = new Map((walk.items(constants) ?? []).map((value, i) => [`CONSTANTS.c${i}`, value]));
  const roles = Map.groupBy(
    layers.flatMap(([path, { tensors }]) =>
      [...tensors].map(([name, value]) => ({ name: `${path}.${name}`, value })),
    ),
    ({ value }) => value,
  );
  const named = [...values].flatMap(([constant, value]): Named[] => {
    const tensor = tensorOf(value);
    const names = roles.get(constant)?.map(({ name }) => name) ?? [constant];
    // What several layers have in common by chance is not trained: it would have to become several.
    return tensor
      ? names.map((name) => ({ name, tensor, buffer: names.length > 1 || name === constant }))
      : [];
  });
  const places = new Map(
    layers.flatMap(([path, { tensors }], i) => [...tensors.keys()].map((name) => [`${path}.${name}`, i])),
  );
  const place = ({ name }: Named) => places.get(name) ?? layers.length;
  return {
    tree: {
      tensors: named.toSorted((a, b) => place(a) - place(b)),
      modules: new Map(),
      optimizers: [],
      others: [],
      withheld: beyond === undefined ? [] : [{ name: beyond, why: 'inCode' }],
    },
    facts: new Map([
      ['', { className: 'Sequential', options: new Map() }],
      ...layers.map(([path, { className, options }]) => [path, { className, options }] as const),
    ]),
  };
}
