import type { PickleValue } from '../pickle/values.ts';
import type { TorchParameter } from './parameters.ts';
import { elementsOf, identityOf, tensorOf } from './tensor.ts';
import type { Walk } from './walk.ts';

/**
 * The tensors of an optimizer's state, each with the weight whose moment it is, by their identities (`identityOf`): torch.optim counts the
 * weights through in the order of `model.parameters()`, which is that of the state dict. Undefined where that cannot be relied on: where
 * it knows another number of weights, or a moment has another shape.
 * @param optimizer its state dict: `{ state: { 0: { exp_avg: …, … }, … }, param_groups: [{ params: [0, …], … }, …] }`
 * @param weights all that are trained, in the order of the state dict
 */
export function momentsOf(
  optimizer: PickleValue,
  weights: readonly TorchParameter[],
  walk: Walk,
): Map<string, TorchParameter> | undefined {
  const groups = walk.items(walk.entry(optimizer, 'param_groups')) ?? [];
  const order = groups.flatMap((group) => [...(walk.items(walk.entry(group, 'params')) ?? [])]);
  if (order.length !== weights.length || new Set(order).size !== order.length) return undefined;
  const weightOf = new Map(order.map((key, i) => [key, weights[i]]));
  const moments = new Map<string, TorchParameter>();
  for (const [key, state] of walk.entries(walk.entry(optimizer, 'state')) ?? []) {
    const weight = weightOf.get(key);
    const values = walk.entries(state);
    if (!weight || !values) return undefined;
    for (const [, value] of values) {
      const tensor = tensorOf(value);
      // A count of steps.
      if (!tensor || elementsOf(tensor) <= 1) continue;
      const fits =
        tensor.shape.length === weight.shape.length && tensor.shape.every((n, i) => n === weight.shape[i]);
      if (!fits) return undefined;
      moments.set(identityOf(tensor), weight);
    }
  }
  return moments;
}
