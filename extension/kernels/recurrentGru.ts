import { Activation } from './activation';
import { activate } from './activationPass';
import { multiplyPanels } from './recurrentPass';
import { Task } from './recurrentTask';
import { Simd } from './simd';

/*
 * What a GRU does to every unit of a step; arrays are [H][W], the gates z, r, h~ three in a row, and behind them the
 * recurrent part of h~ where the reset comes after the product: h~ = act(x + r · inner). Else h~ = act(x + R (r h)).
 * h' = z h + (1 − z) h~.
 */

/** Activates z and r; `product` gets r · h (of h as it enters the recurrent matrix) where the reset comes before the product. */
export function gruGates(task: Task, z: usize, entering: usize, product: usize): void {
  const gate = task.gate;
  const gateAlpha = task.gateAlpha;
  const gateBeta = task.gateBeta;
  const bytes = (<usize>task.units * <usize>task.width) << 2;
  activate(gate, gateAlpha, gateBeta, z, 2 * bytes);
  if (product) multiplyPanels(product, z + bytes, entering, bytes);
}

/** @param mask bits [W]; 0: none */
export function gruForward(task: Task, z: usize, resetAfter: bool, h: usize, out: usize, mask: usize): void {
  const activation = task.activation;
  const activationAlpha = task.activationAlpha;
  const activationBeta = task.activationBeta;
  const bytes = (<usize>task.units * <usize>task.width) << 2;
  const width = (<usize>task.width) << 2;
  const zr = z + bytes;
  const zh = zr + bytes;
  const inner = zh + bytes;
  let column: usize = 0;
  for (let q: usize = 0; q < bytes; q += 16) {
    const before = v128.load(h + q);
    let sum = v128.load(zh + q);
    if (resetAfter) sum = Simd.multiplyAdd(v128.load(zr + q), v128.load(inner + q), sum);
    const candidate = Activation.apply(activation, activationAlpha, activationBeta, sum);
    v128.store(zh + q, candidate);
    let output = Simd.multiplyAdd(v128.load(z + q), f32x4.sub(before, candidate), candidate);
    if (mask) {
      output = v128.bitselect(output, before, v128.load(mask + column));
      column += 16;
      if (column === width) column = 0;
    }
    v128.store(out + q, output);
  }
}

/**
 * The gates are replaced by the gradients of their sums, but with the reset before the product that of r waits for
 * `gruReset`; the inner part by its own gradient.
 * @param dh gradient of h', replaced by that part of the gradient of h that comes through none of the gates
 */
export function gruBackward(task: Task, z: usize, resetAfter: bool, h: usize, dh: usize, mask: usize): void {
  const gate = task.gate;
  const gateAlpha = task.gateAlpha;
  const activation = task.activation;
  const activationAlpha = task.activationAlpha;
  const bytes = (<usize>task.units * <usize>task.width) << 2;
  const width = (<usize>task.width) << 2;
  const zr = z + bytes;
  const zh = zr + bytes;
  const inner = zh + bytes;
  let column: usize = 0;
  for (let q: usize = 0; q < bytes; q += 16) {
    const d = v128.load(dh + q);
    const update = v128.load(z + q);
    const candidate = v128.load(zh + q);
    const slope = Activation.slope(activation, activationAlpha, candidate);
    let dCandidate = f32x4.mul(f32x4.mul(d, f32x4.sub(f32x4.splat(1), update)), slope);
    let dUpdate = f32x4.mul(
      f32x4.mul(d, f32x4.sub(v128.load(h + q), candidate)),
      Activation.slope(gate, gateAlpha, update),
    );
    let direct = f32x4.mul(d, update);
    if (mask) {
      const real = v128.load(mask + column);
      dCandidate = v128.and(dCandidate, real);
      dUpdate = v128.and(dUpdate, real);
      direct = v128.bitselect(direct, d, real);
      column += 16;
      if (column === width) column = 0;
    }
    v128.store(z + q, dUpdate);
    v128.store(zh + q, dCandidate);
    v128.store(dh + q, direct);
    if (resetAfter) {
      const r = v128.load(zr + q);
      const through = f32x4.mul(dCandidate, v128.load(inner + q));
      v128.store(zr + q, f32x4.mul(through, Activation.slope(gate, gateAlpha, r)));
      v128.store(inner + q, f32x4.mul(dCandidate, r));
    }
  }
}

/**
 * With the reset before the product: r is replaced by the gradient of its sum; the gradient of r · h by what of it goes to h.
 * @param entering h as it enters the recurrent matrix
 */
export function gruReset(task: Task, z: usize, entering: usize, product: usize): void {
  const gate = task.gate;
  const gateAlpha = task.gateAlpha;
  const bytes = (<usize>task.units * <usize>task.width) << 2;
  const zr = z + bytes;
  for (let q: usize = 0; q < bytes; q += 16) {
    const r = v128.load(zr + q);
    const d = v128.load(product + q);
    const dr = f32x4.mul(d, v128.load(entering + q));
    v128.store(zr + q, f32x4.mul(dr, Activation.slope(gate, gateAlpha, r)));
    v128.store(product + q, f32x4.mul(d, r));
  }
}
