import { Simd } from './simd';

/* Passes over whole panels; every array has `bytes` bytes, whole vectors of them where nothing else is said. */

/** target += addend. */
export function addPanels(target: usize, addend: usize, bytes: usize): void {
  for (let q: usize = 0; q < bytes; q += 16) {
    v128.store(target + q, f32x4.add(v128.load(target + q), v128.load(addend + q)));
  }
}

/** target = a · b, any number of floats: panels of one sample end where their rows end. */
export function multiplyPanels(target: usize, a: usize, b: usize, bytes: usize): void {
  const whole = bytes & -16;
  for (let q: usize = 0; q < whole; q += 16) {
    v128.store(target + q, f32x4.mul(v128.load(a + q), v128.load(b + q)));
  }
  const left = <i32>((bytes - whole) >> 2);
  const product = f32x4.mul(Simd.loadPart(a + whole, left), Simd.loadPart(b + whole, left));
  Simd.storePart(target + whole, product, left);
}

/** target += a · b. */
export function addProduct(target: usize, a: usize, b: usize, bytes: usize): void {
  for (let q: usize = 0; q < bytes; q += 16) {
    v128.store(target + q, Simd.multiplyAdd(v128.load(a + q), v128.load(b + q), v128.load(target + q)));
  }
}
