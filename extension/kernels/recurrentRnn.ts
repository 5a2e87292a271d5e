import { Activation } from './activation';
import { Task } from './recurrentTask';
import { Simd } from './simd';

/* What a plain RNN does to every unit of a step: h' = act(z). Arrays are [H][W]. */

/** @param mask bits [W], with `h` the state before; 0: none */
export function rnnForward(task: Task, z: usize, h: usize, out: usize, mask: usize): void {
  const activation = task.activation;
  const activationAlpha = task.activationAlpha;
  const activationBeta = task.activationBeta;
  const bytes = (<usize>task.units * <usize>task.width) << 2;
  const width = (<usize>task.width) << 2;
  let column: usize = 0;
  for (let q: usize = 0; q < bytes; q += 16) {
    let output = Activation.apply(activation, activationAlpha, activationBeta, v128.load(z + q));
    v128.store(z + q, output);
    if (mask) {
      output = v128.bitselect(output, v128.load(h + q), v128.load(mask + column));
      column += 16;
      if (column === width) column = 0;
    }
    v128.store(out + q, output);
  }
}

/**
 * @param z act(z), replaced by the gradient of z
 * @param dh gradient of h', replaced by that part of the gradient of h that does not come through z
 */
export function rnnBackward(task: Task, z: usize, dh: usize, mask: usize): void {
  const activation = task.activation;
  const activationAlpha = task.activationAlpha;
  const bytes = (<usize>task.units * <usize>task.width) << 2;
  const width = (<usize>task.width) << 2;
  let column: usize = 0;
  for (let q: usize = 0; q < bytes; q += 16) {
    const d = v128.load(dh + q);
    let dz = f32x4.mul(d, Activation.slope(activation, activationAlpha, v128.load(z + q)));
    let direct = Simd.zero();
    if (mask) {
      const real = v128.load(mask + column);
      dz = v128.and(dz, real);
      direct = v128.andnot(d, real);
      column += 16;
      if (column === width) column = 0;
    }
    v128.store(z + q, dz);
    v128.store(dh + q, direct);
  }
}
