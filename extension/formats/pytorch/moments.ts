import type { PickleValue } from '../pickle/values.ts';
import { type GroupMember, momentOwners, type ParameterGroup } from './momentOwners.ts';
import type { TorchParameter } from './parameters.ts';
import { elementsOf, identityOf, type TorchTensor, tensorOf } from './tensor.ts';
import type { Walk } from './walk.ts';

/** A tensor of an optimizer's state that has one value for each of a weight. */
export interface Moment {
  readonly tensor: TorchTensor;
  readonly weight: TorchParameter;
}

/**
 * The moments in an optimizer's state, by their identities (`identityOf`). torch.optim counts the weights through, group by group. Undefined
 * where it is not certain which weight is which, or a moment has another shape than its weight.
 * @param optimizer its state dict: `{ state: { 0: { exp_avg: …, … }, … }, param_groups: [{ params: [0, …], … }, …] }`
 * @param weights all that are trained, in the order of the state dict
 */
export function momentsOf(
  optimizer: PickleValue,
  weights: readonly TorchParameter[],
  walk: Walk,
): Map<string, Moment> | undefined {
  const state = walk.entries(walk.entry(optimizer, 'state')) ?? [];
  const tensors = new Map(state.map(([key, values]) => [key, tensorsIn(values, walk)]));
  const groups = walk.items(walk.entry(optimizer, 'param_groups')) ?? [];
  const owners = momentOwners(
    groups.map((group) => groupOf(group, tensors, walk)),
    weights,
  );
  const moments = new Map<string, Moment>();
  for (const [key, own] of tensors) {
    const weight = owners?.get(key);
    if (!weight || !own?.every(({ shape }) => String(shape) === String(weight.shape))) return undefined;
    for (const tensor of own) moments.set(identityOf(tensor), { tensor, weight });
  }
  return owners && moments;
}

type Tensors = ReadonlyMap<PickleValue, readonly TorchTensor[] | undefined>;

function groupOf(group: PickleValue, tensors: Tensors, walk: Walk): ParameterGroup {
  const names = walk.items(walk.entry(group, 'param_names')) ?? [];
  const params = walk.items(walk.entry(group, 'params')) ?? [];
  return {
    members: params.map((key, i): GroupMember => {
      const shape = tensors.get(key)?.[0]?.shape;
      const name = names[i];
      return { key, ...(shape && { shape }), ...(typeof name === 'string' && { name }) };
    }),
  };
}

/** What an optimizer keeps of one weight; undefined where that is no dict. */
function tensorsIn(values: PickleValue, walk: Walk): TorchTensor[] | undefined {
  return walk.entries(values)?.flatMap(([, value]) => {
    const tensor = tensorOf(value);
    // One number is a count of steps.
    return tensor && elementsOf(tensor) > 1 ? [tensor] : [];
  });
}
