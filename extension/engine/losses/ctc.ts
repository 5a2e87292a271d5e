import { applySoftmax, logSumExp } from './activations.ts';
import { ratio, WideNumbers } from './wideNumbers.ts';

/** The class that stands for no label, as in keras.losses.CTC. */
export const blank = 0;

/** Steps that labels take at least: one each, and a blank between equal ones. */
export function leastSteps(labels: ArrayLike<number>): number {
  let steps = labels.length;
  for (let u = 1; u < labels.length; u++) if (labels[u] === labels[u - 1]) steps++;
  return steps;
}

/**
 * −log of the probability of labels [U], whenever in the steps they are put out (Graves et al., "Connectionist Temporal Classification",
 * 2006), from logits z [T,C], by the probabilities of what was put out so far (forward) and of what is to come (backward) for every state:
 * each label, with blanks around. The labels must fit into the steps.
 * @param into takes the gradient [T,C]
 */
export function ctc(z: Float64Array, width: number, labels: ArrayLike<number>, into?: Float64Array): number {
  const steps = z.length / width;
  const { symbols, states } = statesOf(labels);
  const count = states.length;
  const emitted = emissions(z, width, symbols);
  /** Whether a state may follow the one two before it: a label a different one, without the blank between. */
  const skips = (s: number) => s > 1 && s % 2 === 1 && states[s] !== states[s - 2];
  /** The states of a step from which, and to which, the others are in reach. */
  const first = (t: number) => Math.max(0, count - 2 * (steps - t));
  const last = (t: number) => Math.min(count - 1, 2 * t + 1);

  const forward = new WideNumbers(steps * count);
  for (let t = 0; t < steps; t++)
    for (let s = first(t); s <= last(t); s++) {
      const [at, before] = [t * count + s, (t - 1) * count + s];
      if (t === 0) forward.setExp(at, 0);
      else {
        forward.add(at, forward, before);
        if (s > 0) forward.add(at, forward, before - 1);
        if (skips(s)) forward.add(at, forward, before - 2);
      }
      forward.multiply(at, emitted, t * symbols.length + states[s]);
    }
  const all = new WideNumbers(1);
  for (let s = Math.max(0, count - 2); s < count; s++) all.add(0, forward, (steps - 1) * count + s);
  if (!into) return -all.log(0);

  softmaxes(z, width, into);
  // What is to come from the next step on, what that puts out included.
  let next = new WideNumbers(count);
  for (let t = steps - 1; t >= 0; t--) {
    const now = new WideNumbers(count);
    for (let s = first(t); s <= last(t); s++) {
      if (t === steps - 1) now.setExp(s, 0);
      else {
        now.add(s, next, s);
        if (s + 1 < count) now.add(s, next, s + 1);
        if (s + 2 < count && skips(s + 2)) now.add(s, next, s + 2);
      }
      into[t * width + symbols[states[s]]] -= ratio(forward, t * count + s, now, s, all, 0);
    }
    for (let s = first(t); s <= last(t); s++) now.multiply(s, emitted, t * symbols.length + states[s]);
    next = now;
  }
  return -all.log(0);
}

/** The classes that are put out, the blank first, and of each state which of them it puts out. */
function statesOf(labels: ArrayLike<number>): { readonly symbols: number[]; readonly states: Int32Array } {
  const symbols = [...new Set([blank, ...Array.from(labels)])];
  const states = new Int32Array(2 * labels.length + 1);
  for (let u = 0; u < labels.length; u++) states[2 * u + 1] = symbols.indexOf(labels[u]);
  return { symbols, states };
}

/** The probabilities of some classes at each step, [T, classes]. */
function emissions(z: Float64Array, width: number, classes: readonly number[]): WideNumbers {
  const emitted = new WideNumbers((z.length / width) * classes.length);
  for (let t = 0; t * width < z.length; t++) {
    const sum = logSumExp(z.subarray(t * width, (t + 1) * width));
    for (const [i, k] of classes.entries()) emitted.setExp(t * classes.length + i, z[t * width + k] - sum);
  }
  return emitted;
}

function softmaxes(z: Float64Array, width: number, into: Float64Array): void {
  into.set(z);
  for (let at = 0; at < z.length; at += width) applySoftmax(into.subarray(at, at + width));
}
