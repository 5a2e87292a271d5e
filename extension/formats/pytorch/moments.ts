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
 * The moments in the states of optimizers, by their identities (`identityOf`). torch.optim counts the weights through, group by group.
 * Together the optimizers train all weights or some, each its own, or each of them does. Groups are assumed to be filled in the order of
 * the model; where that leaves several ways, and no weight is left out, those of one weight each to follow one another forwards or
 * backwards: shapes that fit one of these two alone decide, though other orders may fit them, too. Undefined where even so it is not clear
 * which weight is which, or a moment has another shape than its weight.
 * @param optimizers their state dicts: `{ state: { 0: { exp_avg: …, … }, … }, param_groups: [{ params: [0, …], … }, …] }`
 * @param weights all that may be trained, in the order of the state dict
 */
export function momentsOf(
  optimizers: readonly PickleValue[],
  weights: readonly TorchParameter[],
  walk: Walk,
): Map<string, Moment> | undefined {
  const states = optimizers.map((optimizer) => stateOf(optimizer, walk));
  const owners = ownersIn(
    states.map(({ groups }) => groups),
    weights,
  );
  if (!owners) return undefined;
  const moments = new Map<string, Moment>();
  for (const slot of states.flatMap(({ slots }) => slots)) {
    const weight = owners.get(slot);
    if (!weight || !slot.tensors?.every(({ shape }) => String(shape) === String(weight.shape)))
      return undefined;
    for (const tensor of slot.tensors) moments.set(identityOf(tensor), { tensor, weight });
  }
  return moments;
}

/** The weights by the keys of all optimizers' members. */
function ownersIn(
  optimizers: readonly (readonly ParameterGroup[])[],
  weights: readonly TorchParameter[],
): ReadonlyMap<unknown, TorchParameter> | undefined {
  const together = optimizers.length > 1 ? momentOwners(optimizers.flat(), weights) : undefined;
  if (together) return together;
  const owners = new Map<unknown, TorchParameter>();
  for (const groups of optimizers) {
    const own = momentOwners(groups, weights);
    if (!own) return undefined;
    for (const [key, weight] of own) owners.set(key, weight);
  }
  return owners;
}

/** What an optimizer keeps of one of its parameters; undefined where that is no dict. */
interface Slot {
  readonly tensors: readonly TorchTensor[] | undefined;
}

interface OptimizerState {
  /** Of what is in the state. */
  readonly slots: readonly Slot[];
  /** Their members' keys are slots. */
  readonly groups: readonly ParameterGroup[];
}

function stateOf(optimizer: PickleValue, walk: Walk): OptimizerState {
  const entries = walk.entries(walk.entry(optimizer, 'state')) ?? [];
  const kept = new Map(
    entries.map(([key, values]): [PickleValue, Slot] => [key, { tensors: tensorsIn(values, walk) }]),
  );
  const all = new Map(kept);
  const slotOf = (key: PickleValue): Slot => {
    // That of which nothing is kept yet counts, too.
    const slot = all.get(key) ?? { tensors: [] };
    all.set(key, slot);
    return slot;
  };
  const groups = walk.items(walk.entry(optimizer, 'param_groups')) ?? [];
  return { slots: [...kept.values()], groups: groups.map((group) => groupOf(group, slotOf, walk)) };
}

function groupOf(group: PickleValue, slotOf: (key: PickleValue) => Slot, walk: Walk): ParameterGroup {
  const names = walk.items(walk.entry(group, 'param_names')) ?? [];
  const params = walk.items(walk.entry(group, 'params')) ?? [];
  return {
    members: params.map((param, i): GroupMember => {
      const key = slotOf(param);
      const shape = key.tensors?.[0]?.shape;
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
