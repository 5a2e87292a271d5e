import type { TorchContents } from './contents.ts';
import { type Moment, momentsOf } from './moments.ts';
import { type TorchParameter, torchParameter } from './parameters.ts';
import type { TorchFile } from './torchFile.ts';
import { Walk } from './walk.ts';

/** The moments of all optimizers in a file, by their identities; undefined where it is not certain whose they are. */
export function allMoments(
  torch: TorchFile,
  { optimizers, parameters }: TorchContents,
): ReadonlyMap<string, Moment> | undefined {
  const walk = new Walk(torch.path);
  const trained = parameters.filter(({ trainable }) => trainable);
  // Optimizers of all parameters have those that were frozen later, too.
  return momentsOf(optimizers, trained, walk) ?? momentsOf(optimizers, parameters, walk);
}

/**
 * The moments of masked weights, masked like these, so that a training that goes on from the file does not move what is pruned; by their
 * identities. Throws fileDamaged where one is not in the file.
 */
export async function maskedMoments(
  torch: TorchFile,
  moments: ReadonlyMap<string, Moment> | undefined,
): Promise<Map<string, TorchParameter>> {
  const masked = new Map<string, TorchParameter>();
  for (const [identity, { tensor, weight }] of moments ?? []) {
    const { mask, name } = weight;
    const { dtype } = tensor.type;
    if (!mask || !dtype) continue;
    masked.set(identity, { ...(await torchParameter(torch, { name, tensor, buffer: true }, dtype)), mask });
  }
  return masked;
}
