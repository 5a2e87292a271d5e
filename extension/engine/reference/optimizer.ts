import type { OptimizerSettings } from '../../model/optimizer.ts';

/** Moments that an update rule keeps of each weight: m and v of Adam, m of SGD with momentum, v and perhaps m of RMSprop. */
export function momentCount(settings: OptimizerSettings): number {
  switch (settings.name) {
    case 'adam':
      return 2;
    case 'sgd':
      return settings.momentum === 0 ? 0 : 1;
    case 'rmsprop':
      return settings.momentum === 0 ? 1 : 2;
  }
}

/**
 * Adds the gradient of λ1 Σ|w| + λ2 Σw² to a loss' gradient, in place, and sets masked places to 0.
 * @param mask 1 = kept
 * @returns the sum of squares of the result, for the global norm
 */
export function penalise(
  gradient: Float32Array,
  values: Float32Array,
  mask: Uint8Array | undefined,
  l1: number,
  l2: number,
): number {
  let squares = 0;
  for (let i = 0; i < gradient.length; i++) {
    if (mask && mask[i] === 0) {
      // Set, not multiplied: 0 times NaN would be NaN.
      gradient[i] = 0;
      continue;
    }
    gradient[i] += l1 * Math.sign(values[i]) + 2 * l2 * values[i];
    squares += gradient[i] ** 2;
  }
  return squares;
}

/** Factor that brings gradients of this global norm down to the largest that is allowed (Pascanu et al. 2013). */
export function clipFactor(squares: number, clipNorm: number | undefined): number {
  const norm = Math.sqrt(squares);
  return clipNorm !== undefined && norm > clipNorm ? clipNorm / norm : 1;
}

/** Adam's step size with the bias corrections of its moments; that of the others. `iteration` counts from 1. */
export function stepSize(settings: OptimizerSettings, learningRate: number, iteration: number): number {
  if (settings.name !== 'adam') return learningRate;
  const { beta1, beta2 } = settings;
  return (learningRate * Math.sqrt(1 - beta2 ** iteration)) / (1 - beta1 ** iteration);
}

/** What an update changes, and by what. All arrays have one length; gradients at masked places are 0. */
export interface UpdateArrays {
  readonly values: Float32Array;
  readonly gradient: Float32Array;
  /** `momentCount` of them. */
  readonly moments: readonly Float32Array[];
}

/**
 * One update in place, by the formulas of `OptimizerSettings`. A weight that was 0 with gradient 0 and moments 0 stays
 * exactly so, which holds the masks.
 * @param step of `stepSize`
 * @param scale of `clipFactor`
 */
export function update(settings: OptimizerSettings, arrays: UpdateArrays, step: number, scale: number): void {
  switch (settings.name) {
    case 'adam':
      adam(settings, arrays, step, scale);
      break;
    case 'sgd':
      sgd(settings, arrays, step, scale);
      break;
    case 'rmsprop':
      rmsprop(settings, arrays, step, scale);
      break;
  }
}

type SettingsOf<Name> = Extract<OptimizerSettings, { name: Name }>;

function adam(
  { beta1, beta2, epsilon }: SettingsOf<'adam'>,
  { values, gradient, moments: [m, v] }: UpdateArrays,
  step: number,
  scale: number,
): void {
  for (let i = 0; i < values.length; i++) {
    const g = scale * gradient[i];
    m[i] = beta1 * m[i] + (1 - beta1) * g;
    v[i] = beta2 * v[i] + (1 - beta2) * g * g;
    values[i] -= (step * m[i]) / (Math.sqrt(v[i]) + epsilon);
  }
}

function sgd(
  { momentum, nesterov }: SettingsOf<'sgd'>,
  { values, gradient, moments: [m] }: UpdateArrays,
  step: number,
  scale: number,
): void {
  for (let i = 0; i < values.length; i++) {
    const move = -step * scale * gradient[i];
    if (momentum === 0) {
      values[i] += move;
      continue;
    }
    m[i] = momentum * m[i] + move;
    values[i] += nesterov ? momentum * m[i] + move : m[i];
  }
}

function rmsprop(
  { rho, momentum, epsilon }: SettingsOf<'rmsprop'>,
  { values, gradient, moments: [v, m] }: UpdateArrays,
  step: number,
  scale: number,
): void {
  for (let i = 0; i < values.length; i++) {
    const g = scale * gradient[i];
    v[i] = rho * v[i] + (1 - rho) * g * g;
    const move = (step * g) / Math.sqrt(v[i] + epsilon);
    if (momentum === 0) {
      values[i] -= move;
      continue;
    }
    m[i] = momentum * m[i] + move;
    values[i] -= m[i];
  }
}
