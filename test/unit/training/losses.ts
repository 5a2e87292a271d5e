import type { HeadKind, Loss } from '../../../extension/model/loss.ts';
import type { Tensor } from '../../../extension/model/tensor.ts';
import type { LossName } from '../../../extension/protocol/losses.ts';

/** A loss as `chooseLoss` would make it. */
export function loss(name: LossName, head: HeadKind, width: number, fromLogits = head !== 'linear'): Loss {
  return { name, head, width, fromLogits };
}

export function tensor(shape: readonly number[], values: readonly number[]): Tensor {
  return { shape, data: Float32Array.from(values) };
}

export function whole(shape: readonly number[], values: readonly number[]): Tensor {
  return { shape, data: Int32Array.from(values) };
}
