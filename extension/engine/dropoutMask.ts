import { Random } from '../model/random.ts';

/**
 * Which values to drop, as factors: 0, or 1/(1 − rate) so that the expectation stays (inverted dropout, Srivastava et al.
 * 2014). The same seed and name give the same factors in every engine.
 * @param name of the value that is dropped from: nodes differ in what they drop
 */
export function dropoutMask(size: number, rate: number, seed: number, name: string): Float32Array {
  const random = new Random(seed ^ hash(name));
  const kept = 1 / (1 - rate);
  const mask = new Float32Array(size);
  for (let i = 0; i < size; i++) if (random.uniform() >= rate) mask[i] = kept;
  return mask;
}

/** FNV-1a over the UTF-16 units (Fowler, Noll and Vo). */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value;
}
