import type { NamedTensor } from '../stateDict/tensors.ts';
import type { TorchParameter } from './parameters.ts';
import { identityOf } from './tensor.ts';

/** A named tensor, and its values where they can be weights. */
export interface FoundTensor {
  readonly tensor: NamedTensor;
  readonly own?: TorchParameter;
}

/**
 * torch.nn.utils.prune keeps a weight as `weight_orig` and `weight_mask`, by which it is multiplied before every use. Takes each such pair
 * for the one weight that it stands for.
 */
export function joinedPairs(found: readonly FoundTensor[]): FoundTensor[] {
  const byName = new Map(found.map((one) => [one.tensor.name, one]));
  const joined = new Map<string, FoundTensor>();
  const masks = new Set<string>();
  for (const { tensor, own } of found) {
    const name = /^(.+)_orig$/.exec(tensor.name)?.[1];
    const mask = name === undefined ? undefined : byName.get(`${name}_mask`)?.own;
    if (name === undefined || !own || !mask || String(mask.shape) !== String(own.shape)) continue;
    joined.set(tensor.name, { tensor: { ...tensor, name }, own: masked({ ...own, name }, mask) });
    masks.add(mask.name);
  }
  return found.flatMap((one) => (masks.has(one.tensor.name) ? [] : (joined.get(one.tensor.name) ?? one)));
}

function masked(weight: TorchParameter, masking: TorchParameter): TorchParameter {
  const { readPart, ...whole } = weight;
  const readMask = masking.readPart;
  return {
    ...whole,
    masking,
    read: async () => multiplied(await weight.read(), await masking.read()),
    ...(readPart &&
      readMask && {
        readPart: async (from: number, target: Float32Array) => {
          const mask = new Float32Array(target.length);
          await readPart(from, target);
          await readMask(from, mask);
          multiplied(target, mask);
        },
      }),
  };
}

function multiplied(values: Float32Array, mask: Float32Array): Float32Array {
  for (let i = 0; i < values.length; i++) if (mask[i] === 0) values[i] = 0;
  return values;
}

/**
 * The masks of such pairs as they become where their weights were pruned or trained, by their identities: 0 for what is pruned, 1 for what
 * came back.
 */
export async function newMasks(weights: readonly TorchParameter[]): Promise<Map<string, TorchParameter>> {
  const masks = new Map<string, TorchParameter>();
  for (const { masking, mask, trained } of weights) {
    if (!masking || !(mask || trained)) continue;
    const values = await masking.read();
    for (let i = 0; i < values.length; i++) {
      if (mask?.[i] === 0) values[i] = 0;
      else if (trained && trained[i] !== 0) values[i] = 1;
    }
    masks.set(identityOf(masking.tensor), { ...masking, trained: values });
  }
  return masks;
}
