import { Activation, SIGMOID, TANH } from './activation';
import { activate } from './activationPass';
import { Task } from './recurrentTask';
import { Simd } from './simd';

/*
 * What an LSTM does to every unit of every sample of a step; all arrays are [H][W], the gates i, f, c~, o four of them in a row.
 * c' = f c + i c~, h' = o act(c').
 */

/**
 * @param z the gates' sums, replaced by the gates
 * @param activated gets act(c'); 0: not kept
 * @param mask bits [W], with `h` the state before; 0: none
 */
export function lstmForward(
  task: Task,
  z: usize,
  c: usize,
  next: usize,
  activated: usize,
  h: usize,
  out: usize,
  mask: usize,
): void {
  const bytes = (<usize>task.units * <usize>task.width) << 2;
  const width = (<usize>task.width) << 2;
  if (task.gate === SIGMOID && task.activation === TANH) {
    Lstm.forward(SIGMOID, 0, 0, TANH, 0, 0, bytes, width, z, c, next, activated, h, out, mask);
  } else {
    const gate = task.gate;
    const gateAlpha = task.gateAlpha;
    const gateBeta = task.gateBeta;
    const activation = task.activation;
    const activationAlpha = task.activationAlpha;
    const activationBeta = task.activationBeta;
    Lstm.forward(
      gate,
      gateAlpha,
      gateBeta,
      activation,
      activationAlpha,
      activationBeta,
      bytes,
      width,
      z,
      c,
      next,
      activated,
      h,
      out,
      mask,
    );
  }
}

/**
 * @param z the gates, replaced by the gradients of their sums
 * @param dh gradient of h', replaced by that part of the gradient of h that does not come through z
 * @param dc of c', replaced by that of c
 */
export function lstmBackward(
  task: Task,
  z: usize,
  c: usize,
  activated: usize,
  dh: usize,
  dc: usize,
  mask: usize,
): void {
  const bytes = (<usize>task.units * <usize>task.width) << 2;
  const width = (<usize>task.width) << 2;
  if (task.gate === SIGMOID && task.activation === TANH) {
    Lstm.backward(SIGMOID, 0, TANH, 0, bytes, width, z, c, activated, dh, dc, mask);
  } else {
    Lstm.backward(
      task.gate,
      task.gateAlpha,
      task.activation,
      task.activationAlpha,
      bytes,
      width,
      z,
      c,
      activated,
      dh,
      dc,
      mask,
    );
  }
}

class Lstm {
  @inline
  static forward(
    gate: i32,
    gateAlpha: f32,
    gateBeta: f32,
    kind: i32,
    alpha: f32,
    beta: f32,
    bytes: usize,
    width: usize,
    z: usize,
    c: usize,
    next: usize,
    activated: usize,
    h: usize,
    out: usize,
    mask: usize,
  ): void {
    const zf = z + bytes;
    const zc = zf + bytes;
    const zo = zc + bytes;
    activate(gate, gateAlpha, gateBeta, z, 2 * bytes);
    activate(kind, alpha, beta, zc, bytes);
    activate(gate, gateAlpha, gateBeta, zo, bytes);
    let column: usize = 0;
    for (let q: usize = 0; q < bytes; q += 16) {
      const i = v128.load(z + q);
      const f = v128.load(zf + q);
      const g = v128.load(zc + q);
      const o = v128.load(zo + q);
      const before = v128.load(c + q);
      let cell = Simd.multiplyAdd(f, before, f32x4.mul(i, g));
      const t = Activation.apply(kind, alpha, beta, cell);
      let output = f32x4.mul(o, t);
      if (mask) {
        const real = v128.load(mask + column);
        cell = v128.bitselect(cell, before, real);
        output = v128.bitselect(output, v128.load(h + q), real);
        column += 16;
        if (column === width) column = 0;
      }
      if (activated) v128.store(activated + q, t);
      v128.store(next + q, cell);
      v128.store(out + q, output);
    }
  }

  @inline
  static backward(
    gate: i32,
    gateAlpha: f32,
    kind: i32,
    alpha: f32,
    bytes: usize,
    width: usize,
    z: usize,
    c: usize,
    activated: usize,
    dh: usize,
    dc: usize,
    mask: usize,
  ): void {
    const zf = z + bytes;
    const zc = zf + bytes;
    const zo = zc + bytes;
    let column: usize = 0;
    for (let q: usize = 0; q < bytes; q += 16) {
      const i = v128.load(z + q);
      const f = v128.load(zf + q);
      const g = v128.load(zc + q);
      const o = v128.load(zo + q);
      const t = v128.load(activated + q);
      const d = v128.load(dh + q);
      const later = v128.load(dc + q);
      const cell = Simd.multiplyAdd(f32x4.mul(d, o), Activation.slope(kind, alpha, t), later);
      let di = f32x4.mul(f32x4.mul(cell, g), Activation.slope(gate, gateAlpha, i));
      let df = f32x4.mul(f32x4.mul(cell, v128.load(c + q)), Activation.slope(gate, gateAlpha, f));
      let dg = f32x4.mul(f32x4.mul(cell, i), Activation.slope(kind, alpha, g));
      let dO = f32x4.mul(f32x4.mul(d, t), Activation.slope(gate, gateAlpha, o));
      let earlier = f32x4.mul(cell, f);
      let direct = Simd.zero();
      if (mask) {
        const real = v128.load(mask + column);
        di = v128.and(di, real);
        df = v128.and(df, real);
        dg = v128.and(dg, real);
        dO = v128.and(dO, real);
        earlier = v128.bitselect(earlier, later, real);
        direct = v128.andnot(d, real);
        column += 16;
        if (column === width) column = 0;
      }
      v128.store(z + q, di);
      v128.store(zf + q, df);
      v128.store(zc + q, dg);
      v128.store(zo + q, dO);
      v128.store(dc + q, earlier);
      v128.store(dh + q, direct);
    }
  }
}
