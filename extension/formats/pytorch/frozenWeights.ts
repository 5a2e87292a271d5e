import type { PickleValue } from '../pickle/values.ts';
import type { ModuleFacts } from '../stateDict/tensors.ts';
import { frozenLayers, layerKey } from './frozenLayers.ts';
import type { Named } from './namedTensors.ts';
import type { ScriptFacts } from './scriptModel.ts';
import type { ScriptProgram } from './scriptProgram.ts';
import { tensorOf } from './tensor.ts';
import type { Walk } from './walk.ts';
import type { ChosenTree } from './weights.ts';

/**
 * The weights of a TorchScript archive whose modules are gone, as torch.jit.freeze leaves it: one function that computes the whole model,
 * with tensors of constants.pkl. They get the names that they would have in modules, by the operators that take them: `lstm1.weight_ih_l0`,
 * `linear2.bias`, counted by kind in the order of the code; others go by what the code calls them, `CONSTANTS.c7`. Constants that are equal
 * are one tensor, be they of several layers.
 */
export function frozenWeights(
  program: ScriptProgram,
  constants: PickleValue,
  walk: Walk,
): {
  tree: ChosenTree;
  facts: ReadonlyMap<string, ModuleFacts>;
  weights: Pick<ScriptFacts, 'layerOf' | 'shapeOf'>;
} {
  const layers = frozenLayers(program);
  const values = new Map(
    (walk.items(constants) ?? []).map((value, i) => [`CONSTANTS.c${i}`, tensorOf(value)]),
  );
  const roles = Map.groupBy(
    [...layers].flatMap(([path, { weights }]) =>
      [...weights].map(([name, value]) => ({ name: `${path}.${name}`, value })),
    ),
    ({ value }) => value,
  );
  const named = [...values].flatMap(([constant, tensor]): Named[] => {
    const names = roles.get(constant)?.map(({ name }) => name) ?? [constant];
    // What several layers have in common by chance is not trained: it would have to become several.
    return tensor
      ? names.map((name) => ({ name, tensor, buffer: names.length > 1 || name === constant }))
      : [];
  });
  const order = [...layers].flatMap(([path, { weights }]) =>
    [...weights.keys()].map((name) => `${path}.${name}`),
  );
  const places = new Map(order.map((name, i) => [name, i]));
  const place = ({ name }: Named) => places.get(name) ?? order.length;
  const paths = new Map([...layers].map(([path, layer]) => [layerKey(layer), path]));
  return {
    tree: {
      tensors: named.toSorted((a, b) => place(a) - place(b)),
      modules: new Map(),
      optimizers: [],
      others: [],
      withheld: [],
    },
    facts: new Map(
      [...layers].map(
        ([path, { className }]) => [path, { className, options: new Map<string, unknown>() }] as const,
      ),
    ),
    weights: {
      layerOf: (layer) => paths.get(layerKey(layer)),
      shapeOf: (name) => values.get(name)?.shape,
    },
  };
}
