import { sizeOf } from '../../model/parameter.ts';
import type { KerasLayer, KerasWeight } from './description.ts';

/**
 * Whether training is to leave a layer as it is: none of its weights is trained. Single numbers do not tell, as in ONNX none is, and the
 * statistics of a normalization neither, as no gradient changes them.
 */
export function isFrozen(layer: KerasLayer): boolean {
  const weights = weightsOf(layer).filter(({ name }) => !name.startsWith('moving_'));
  return weights.every(({ trainable }) => !trainable) && weights.some(({ shape }) => sizeOf(shape) > 1);
}

function weightsOf({ weights, parts = {}, directions, inner }: KerasLayer): readonly KerasWeight[] {
  const within = inner ? [inner] : (directions ?? []);
  return [...weights, ...Object.values(parts).flat(), ...within.flatMap(weightsOf)];
}
