/** Keras' epsilon, and the bounds that it clips probabilities to; the upper one is a float32. */
export const epsilon = 1e-7;
const high = Math.fround(1 - epsilon);

export function clip(probability: number): number {
  return Math.min(Math.max(probability, epsilon), high);
}

export function isClipped(probability: number): boolean {
  return !(probability >= epsilon && probability <= high);
}
