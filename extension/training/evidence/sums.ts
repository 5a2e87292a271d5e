import type { GradientResult } from '../../engine/session.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { ValueName } from '../../model/graph.ts';
import { type Parameter, sizeOf } from '../../model/parameter.ts';
import type { Tensor } from '../../model/tensor.ts';

/** Adds up one kind of evidence over gradients of the loss. */
export interface GradientSum {
  /** Gradients of the mean loss over so many rows; what has no rows has no loss, and does not count. */
  add(result: Pick<GradientResult, 'gradients' | 'rows'>): void;
  result(): Evidence;
}

/** Adds up one kind of evidence over what flows through the graph. */
export interface ValueSum {
  /** What it looks at. */
  readonly values: readonly ValueName[];
  /** Values of one batch. */
  add(value: (name: ValueName) => Tensor): void | Promise<void>;
  result(): Evidence;
}

/** Sums of a parameter's size, zeros at first. */
export class ParameterSums {
  readonly sums = new Map<Parameter, Float32Array>();

  /** @param parameters those that have a sum even where nothing is added: the loss does not depend on them */
  constructor(parameters: Iterable<Parameter>) {
    for (const parameter of parameters) this.of(parameter);
  }

  of(parameter: Parameter): Float32Array {
    const known = this.sums.get(parameter) ?? new Float32Array(sizeOf(parameter.shape));
    this.sums.set(parameter, known);
    return known;
  }

  /** Divides all by a number. */
  over(count: number): ReadonlyMap<Parameter, Float32Array> {
    for (const sum of this.sums.values()) for (let i = 0; i < sum.length; i++) sum[i] /= Math.max(1, count);
    return this.sums;
  }
}
